public import WALFormat

/// A record of which only the beginning is left.
public struct TornRecord: Hashable, Sendable {
    /// Where the record starts: where the log ends from now on.
    public let lsn: LSN
    /// The record's bytes in the log, headers of the pages it crosses included.
    public let byteCount: Int
    /// How many of them are left.
    public let keptByteCount: Int
    /// The segment file whose bytes were zeroed, without its directory.
    public let fileName: String
    /// Where in that file the zeros begin.
    public let fileOffset: Int
}

/// Damage on purpose, behind the back of whoever has the files open, durable at once.
extension FileSystem {
    /// Flips one bit of a file: bit 0 is the lowest of the byte at `offset`. Answers the byte
    /// before and after.
    /// - Throws: kind `.missing` for a file that is not there or ends before `offset`.
    @discardableResult
    public func flipBit(
        of path: String, at offset: Int, bit: Int
    ) throws(IOFailure) -> (before: UInt8, after: UInt8) {
        let file = try open(path, .readWrite)
        guard let before = try file.read(at: offset, count: 1).first else {
            throw IOFailure.missing(.read, path)
        }
        let after = before ^ 1 << UInt8(bit & 7)
        try file.write([after], at: offset)
        try file.sync()
        return (before, after)
    }

    /// Tears the last record of a data directory's log, as a power loss in the middle of its
    /// writing does: its first bytes stay, zeros follow. Nil when the log has no record.
    ///
    /// - Parameter kept: how many bytes stay; at least one goes. Without it, half of them.
    public func tearLastRecord(keeping kept: Int? = nil) throws(OpenFailure) -> TornRecord? {
        let log = try WALOnDisk(self)
        guard let last = log.records.last else { return nil }
        let directory = WALDirectory(fileSystem: self, segmentSize: log.segmentSize)
        let byteCount = last.end - last.start
        // The padding behind a record is zero anyway: what goes must take bytes that are not.
        let bytes: [UInt8]
        do {
            bytes = try directory.read(last.timeline, from: last.start, upTo: last.end)
        } catch {
            throw OpenFailure(error, at: last.start)
        }
        let used = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        let keptCount = min(max(0, kept ?? byteCount / 2), used - 1)
        let begin = last.start.advanced(by: keptCount)
        let name = try zero(from: begin, upTo: last.end, of: last.timeline, directory)
        return TornRecord(
            lsn: last.start, byteCount: byteCount, keptByteCount: keptCount, fileName: name,
            fileOffset: log.segmentSize.offset(of: begin))
    }

    /// The file of a data directory that holds a position of its log, and where in it; nil when no
    /// record of the log lies there.
    public func placeInLog(
        of position: LSN
    ) throws(OpenFailure) -> (file: String, offset: Int)? {
        let log = try WALOnDisk(self)
        guard let entry = log.records.last(where: { $0.start <= position }), position < entry.end
        else { return nil }
        let size = log.segmentSize
        let directory = WALDirectory(fileSystem: self, segmentSize: size)
        do {
            let number = size.number(containing: position)
            let lineage = try directory.lineage(of: log.timeline)
            guard let (name, _) = try directory.open(number, of: lineage) else { return nil }
            return (directory.path(of: name), size.offset(of: position))
        } catch {
            throw OpenFailure(error, at: position)
        }
    }

    /// Zeroes a stretch of the log, which may cross segments; answers the first one's name.
    private func zero(
        from begin: LSN, upTo end: LSN, of timeline: Timeline, _ directory: WALDirectory
    ) throws(OpenFailure) -> String {
        let size = directory.segmentSize
        var first: String?
        var position = begin
        while position < end {
            let number = size.number(containing: position)
            let stop = min(end, size.start(of: number + 1))
            do {
                let lineage = try directory.lineage(of: timeline)
                guard let (name, _) = try directory.open(number, of: lineage) else { break }
                first = first ?? name.fileName(size)
                try asking { () throws(IOFailure) in
                    let file = try open(directory.path(of: name), .readWrite)
                    let zeros = [UInt8](repeating: 0, count: stop - position)
                    try file.write(zeros[...], at: size.offset(of: position))
                    try file.sync()
                }
            } catch {
                throw OpenFailure(error, at: position)
            }
            position = stop
        }
        return first ?? ""
    }
}
