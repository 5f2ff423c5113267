internal import WALFormat

/// Writes WAL into segment files.
///
/// - Segments are zero-filled and synced before they get their name, so an append changes no
///   metadata: one pwrite and, to make it durable, one fdatasync. Files are never recycled.
/// - The segment being written stays open. It is synced before the next one is opened, so `sync()`
///   has only the last one to do.
/// - A segment that holds its timeline's fork begins with a copy of the older timeline's bytes.
/// - It goes on where the last write that succeeded ended, or before that; never behind it. So
///   after a write that failed the log has an end, not a hole, until that write has been repeated.
struct WALWriter: Sendable {
    private struct OpenSegment {
        let name: SegmentName
        let file: any OpenFile
        var isDirty = false
    }

    let directory: WALDirectory
    private var current: OpenSegment?
    /// The end of the last write; invalid before the first, if the log was not recovered.
    private(set) var writtenUpTo = LSN.invalid
    /// The log is durable up to here.
    private(set) var syncedUpTo = LSN.invalid

    init(_ directory: WALDirectory) {
        self.directory = directory
    }

    private var size: SegmentSize { directory.segmentSize }
    private var fileSystem: any FileSystem { directory.fileSystem }

    /// Writes bytes at `position`, across as many segments as they need.
    mutating func write(
        _ timeline: Timeline, at position: LSN, _ bytes: [UInt8]
    ) throws(DiskFailure) {
        guard position <= writtenUpTo || writtenUpTo == .invalid else {
            let name = SegmentName(timeline: timeline, number: size.number(containing: position))
            throw .gap(at: position, fileName: name.fileName(size))
        }
        var rest = bytes[...]
        var position = position
        while !rest.isEmpty {
            let name = SegmentName(timeline: timeline, number: size.number(containing: position))
            let offset = size.offset(of: position)
            try use(name, from: position)
            let piece = rest.prefix(size.byteCount - offset)
            current?.isDirty = true
            try asking { () throws(IOFailure) in try current?.file.write(piece, at: offset) }
            rest = rest.dropFirst(piece.count)
            position = position.advanced(by: piece.count)
        }
        writtenUpTo = position
    }

    /// Makes everything written durable.
    mutating func sync() throws(DiskFailure) {
        if let segment = current, segment.isDirty {
            try asking { () throws(IOFailure) in try segment.file.syncData() }
            current?.isDirty = false
        }
        syncedUpTo = writtenUpTo
    }

    /// Forgets the open segment; after renames and removals.
    mutating func close() throws(DiskFailure) {
        try sync()
        current = nil
    }

    /// Makes `end` the end of the log: zeros to the end of its segment, whose file is made whole if
    /// it was cut short, and no later segment of its timeline or a younger one. Durable on return.
    mutating func cut(at end: LSN, _ lineage: Lineage) throws(DiskFailure) {
        try close()
        let number = size.number(containing: end)
        if let (name, _) = try directory.open(number, of: lineage), try open(name) {
            let limit = lineage.end(of: name.timeline).map { $0 - size.start(of: number) }
            try zero(from: size.offset(of: end), upTo: min(limit ?? .max, size.byteCount))
        }
        let current = lineage.timeline(at: end)
        let doomed = try directory.segments().filter {
            $0.number > number && $0.timeline >= current && lineage.includes($0.timeline)
        }
        if !doomed.isEmpty {
            try asking { () throws(IOFailure) in
                for name in doomed { try fileSystem.remove(directory.path(of: name)) }
                try fileSystem.syncDirectory(WALDirectory.path)
            }
        }
        writtenUpTo = end
        syncedUpTo = end
    }

    /// Zeroes part of the open segment, if it is not all zero there.
    private mutating func zero(from start: Int, upTo end: Int) throws(DiskFailure) {
        guard let file = current?.file, start < end else { return }
        try asking { () throws(IOFailure) in
            let bytes = try file.read(at: start, count: end - start)
            guard bytes.count < end - start || !bytes[...].isAllZero else { return }
            try file.write([UInt8](repeating: 0, count: end - start)[...], at: start)
            try file.sync()
        }
    }

    /// Makes a segment that will be written later, if it is not there.
    func prepare(_ timeline: Timeline, at position: LSN) throws(DiskFailure) {
        let name = SegmentName(timeline: timeline, number: size.number(containing: position))
        let isThere = try asking { () throws(IOFailure) in
            try fileSystem.exists(directory.path(of: name))
        }
        if !isThere { try create(name, beginningWith: []) }
    }

    /// Makes the segment of a new timeline that holds its fork.
    mutating func createFork(_ name: SegmentName) throws(DiskFailure) {
        try close()
        guard let content = try inherited(by: name) else {
            throw .gap(at: size.start(of: name.number), fileName: name.fileName(size))
        }
        try create(name, beginningWith: content)
    }

    private mutating func use(_ name: SegmentName, from position: LSN) throws(DiskFailure) {
        guard current?.name != name else { return }
        try close()
        if try open(name) { return }
        let content = try inherited(by: name) ?? []
        guard size.offset(of: position) <= content.count else {
            throw .gap(at: position, fileName: name.fileName(size))
        }
        try create(name, beginningWith: content)
        _ = try open(name)
    }

    /// Makes a segment that is found complete, or not at all, after a crash.
    private func create(
        _ name: SegmentName, beginningWith content: [UInt8]
    ) throws(DiskFailure) {
        let temporary = WALDirectory.path + "/xlogtemp"
        try asking { () throws(IOFailure) in
            do throws(IOFailure) {
                let file = try fileSystem.open(temporary, .create)
                try fill(file, beginningWith: content)
                try file.sync()
            } catch {
                if !error.isFailedSync { try? fileSystem.remove(temporary) }
                throw error
            }
            try fileSystem.rename(temporary, to: directory.path(of: name))
            try fileSystem.syncDirectory(WALDirectory.path)
        }
    }

    private mutating func open(_ name: SegmentName) throws(DiskFailure) -> Bool {
        do {
            let file = try fileSystem.open(directory.path(of: name), .readWrite)
            current = OpenSegment(name: name, file: file)
            return true
        } catch {
            guard error.kind == .missing else { throw .io(error) }
            return false
        }
    }

    /// What a new segment holds before anything is written to it: the older timeline's bytes up to
    /// the fork when the fork lies inside; nil when it does not or they are gone. PostgreSQL:
    /// XLogInitNewTimeline.
    private func inherited(by name: SegmentName) throws(DiskFailure) -> [UInt8]? {
        let ancestors = try directory.lineage(of: name.timeline).spans.dropLast()
        guard let parent = ancestors.last, let fork = parent.end,
            size.number(containing: fork) == name.number, size.offset(of: fork) > 0
        else { return nil }
        do {
            let start = size.start(of: name.number)
            return try directory.read(parent.timeline, from: start, upTo: fork)
        } catch {
            guard case .segmentRemoved = error else { throw error }
            return nil
        }
    }

    private func fill(
        _ file: any OpenFile, beginningWith content: [UInt8]
    ) throws(IOFailure) {
        if !content.isEmpty { try file.write(content[...], at: 0) }
        let zeros = [UInt8](repeating: 0, count: SegmentSize.oneMebibyte.byteCount)
        var offset = content.count
        while offset < size.byteCount {
            let piece = zeros.prefix(size.byteCount - offset)
            try file.write(piece, at: offset)
            offset += piece.count
        }
    }
}

/// Runs calls to the file system whose failure is the disk job's.
func asking<Answer>(
    _ calls: () throws(IOFailure) -> Answer
) throws(DiskFailure) -> Answer {
    do {
        return try calls()
    } catch {
        throw .io(error)
    }
}
