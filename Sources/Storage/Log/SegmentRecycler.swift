internal import WALFormat

/// Gives segment files that nobody needs the names of segments that the log has still to come to,
/// or removes them. PostgreSQL: RemoveXlogFile, InstallXLogFileSegment.
///
/// - A file keeps its old bytes. Whoever reads the log knows them for old: their pages bear the
///   addresses that they were written for, and their records' previous-links point there.
/// - A new name is durable before the next file is looked at, so what is written to it later is
///   not lost with the name. An old name that a power loss brings back does no harm.
struct SegmentRecycler {
    private let directory: WALDirectory
    private let timeline: Timeline?
    /// The first number that may be free. PostgreSQL: `endlogSegNo`.
    private var next: UInt64
    private let limit: UInt64?
    /// What the files are called now.
    private(set) var names: [SegmentName] = []

    /// - Parameters:
    ///   - timeline: the one being written; nil if none is known, and then nothing is recycled.
    ///   - end: where its log ends.
    ///   - limit: the last number that a file may get; nil: none. PostgreSQL: `recycleSegNo`.
    init(
        _ directory: WALDirectory, as timeline: Timeline?, after end: LSN, upTo limit: UInt64?
    ) {
        self.directory = directory
        self.timeline = timeline
        self.limit = limit
        next = directory.segmentSize.number(containing: end)
    }

    /// Recycles a file if there is a name for it, or else removes it.
    mutating func letGo(of path: String) throws(DiskFailure) {
        if let name = try freeName(), try isWhole(path), try rename(path, to: name) {
            names.append(name)
            next += 1
            return
        }
        try asking { () throws(IOFailure) in try directory.fileSystem.remove(path) }
    }

    private mutating func freeName() throws(DiskFailure) -> SegmentName? {
        guard let timeline, let limit else { return nil }
        while next <= limit {
            let name = SegmentName(timeline: timeline, number: next)
            let isTaken = try asking { () throws(IOFailure) in
                try directory.fileSystem.exists(directory.path(of: name))
            }
            if !isTaken { return name }
            next += 1
        }
        return nil
    }

    /// A file that was cut short is no segment.
    private func isWhole(_ path: String) throws(DiskFailure) -> Bool {
        try asking { () throws(IOFailure) in
            try directory.fileSystem.open(path, .readOnly).size() == directory.segmentSize.byteCount
        }
    }

    /// False: the directory has no room for the new name.
    private func rename(_ path: String, to name: SegmentName) throws(DiskFailure) -> Bool {
        do {
            try directory.fileSystem.rename(path, to: directory.path(of: name))
        } catch {
            guard error.kind == .noSpace else { throw .io(error) }
            return false
        }
        try asking { () throws(IOFailure) in
            try directory.fileSystem.syncDirectory(WALDirectory.path)
        }
        return true
    }
}
