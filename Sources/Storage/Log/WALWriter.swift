internal import WALFormat

/// Writes WAL into segment files.
///
/// - New segments are zero-filled and synced before they get their name, so an append changes no
///   metadata: one pwrite and, to make it durable, one fdatasync.
/// - A recycled segment holds the bytes of its earlier use. They are overwritten with zeros, and
///   that is made durable, a zone at a time and before any log is written to the zone. So what a
///   write leaves unwritten when the power goes is zero in every segment: see `LogScan`.
/// - The segment being written stays open. It is synced before the next one is opened, so `sync()`
///   has only the last one to do.
/// - A segment that holds its timeline's fork begins with a copy of the older timeline's bytes.
/// - It goes on where the last write that succeeded ended, or before that; never behind it. So
///   after a write that failed the log has an end, not a hole, until that write has been repeated.
struct WALWriter: Sendable {
    private struct OpenSegment {
        let name: SegmentName
        let file: any OpenFile
        /// From this offset on there may be bytes of an earlier use of the file.
        var cleanUpTo: Int
        var isDirty = false
    }

    /// So much of a recycled segment is zeroed at a time.
    static let zoneByteCount = 128 << 10

    let directory: WALDirectory
    private var current: OpenSegment?
    /// The segment made last, which is zero where nothing was written.
    private var made: SegmentName?
    /// The timeline of the last write; nil before the first, if the log was not recovered.
    private(set) var timeline: Timeline?
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
            if timeline != self.timeline { try begin(timeline) }
            let piece = rest.prefix(size.byteCount - offset)
            try clear(upTo: offset + piece.count)
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
    /// it was cut short, and no later segment of its timeline or a younger one but those that the
    /// log never came to. Durable on return.
    mutating func cut(at end: LSN, _ lineage: Lineage) throws(DiskFailure) {
        try close()
        let number = size.number(containing: end)
        if let (name, _) = try directory.open(number, of: lineage),
            try open(name, cleanUpTo: size.byteCount)
        {
            let limit = lineage.end(of: name.timeline).map { $0 - size.start(of: number) }
            try zero(from: size.offset(of: end), upTo: min(limit ?? .max, size.byteCount))
        }
        let current = lineage.timeline(at: end)
        var doomed: [SegmentName] = []
        for name in try directory.segments() where name.number > number {
            guard name.timeline >= current, lineage.includes(name.timeline) else { continue }
            if try !directory.isUnused(name) { doomed.append(name) }
        }
        try remove(doomed)
        timeline = current
        writtenUpTo = end
        syncedUpTo = end
    }

    private func remove(_ names: [SegmentName]) throws(DiskFailure) {
        guard !names.isEmpty else { return }
        try asking { () throws(IOFailure) in
            for name in names { try fileSystem.remove(directory.path(of: name)) }
            try fileSystem.syncDirectory(WALDirectory.path)
        }
    }

    /// Writes the log's own bytes once more and makes them durable. After a sync that failed the
    /// kernel may hold them for clean though they never reached the disk: what recovery has read
    /// proves nothing until it was written again. (PostgreSQL's "fsyncgate" of 2018.)
    mutating func rewrite(from start: LSN, upTo end: LSN, _ lineage: Lineage) throws(DiskFailure) {
        var position = start
        while position < end {
            let number = size.number(containing: position)
            let stop = min(end, size.start(of: number + 1))
            if let (name, _) = try directory.open(number, of: lineage) {
                try asking { () throws(IOFailure) in
                    let file = try fileSystem.open(directory.path(of: name), .readWrite)
                    let offset = size.offset(of: position)
                    let bytes = try file.read(at: offset, count: stop - position)
                    try file.write(bytes[...], at: offset)
                    try file.syncData()
                }
            }
            position = stop
        }
    }

    /// The first write to a timeline: what lies ahead of its fork on older ones is no log, and
    /// never will be. PostgreSQL: RemoveNonParentXlogFiles.
    private mutating func begin(_ timeline: Timeline) throws(DiskFailure) {
        if self.timeline != nil, let fork = try directory.lineage(of: timeline).spans.last?.begin {
            let first = size.number(containing: fork) + (size.offset(of: fork) > 0 ? 1 : 0)
            try remove(
                try directory.segments().filter { $0.timeline < timeline && $0.number >= first })
        }
        self.timeline = timeline
    }

    /// Sees to it that no byte of an earlier use of the file is left in the zones that a write up
    /// to `end` touches.
    private mutating func clear(upTo end: Int) throws(DiskFailure) {
        guard let start = current?.cleanUpTo, start < end else { return }
        let zone = Self.zoneByteCount
        let stop = min(size.byteCount, (end + zone - 1) / zone * zone)
        try zero(from: start, upTo: stop)
        current?.cleanUpTo = stop
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
    mutating func prepare(_ timeline: Timeline, at position: LSN) throws(DiskFailure) {
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
        let known = max(position, writtenUpTo) - size.start(of: name.number)
        let isNew = name == made
        if try open(name, cleanUpTo: isNew ? size.byteCount : min(known, size.byteCount)) { return }
        let content = try inherited(by: name) ?? []
        guard size.offset(of: position) <= content.count else {
            throw .gap(at: position, fileName: name.fileName(size))
        }
        try create(name, beginningWith: content)
        _ = try open(name, cleanUpTo: size.byteCount)
    }

    /// Makes a segment that is found complete, or not at all, after a crash.
    private mutating func create(
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
        made = name
    }

    private mutating func open(
        _ name: SegmentName, cleanUpTo: Int
    ) throws(DiskFailure) -> Bool {
        do {
            let file = try fileSystem.open(directory.path(of: name), .readWrite)
            current = OpenSegment(name: name, file: file, cleanUpTo: cleanUpTo)
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
