internal import WALFormat

/// Where things are in `pg_wal`: finds and reads segment and history files; writes nothing.
struct WALDirectory: Sendable {
    static let path = "pg_wal"
    static let partialSuffix = ".partial"

    let fileSystem: any FileSystem
    let segmentSize: SegmentSize

    func path(of name: SegmentName) -> String {
        Self.path + "/" + name.fileName(segmentSize)
    }

    /// The whole segments present, by number, then timeline.
    func segments() throws(DiskFailure) -> [SegmentName] {
        try list().compactMap { SegmentName(fileName: $0, size: segmentSize) }
            .sorted { ($0.number, $0.timeline) < ($1.number, $1.timeline) }
    }

    /// The segments that a promotion left behind half written, likewise.
    func partialSegments() throws(DiskFailure) -> [SegmentName] {
        try list().filter { $0.hasSuffix(Self.partialSuffix) }
            .compactMap {
                SegmentName(
                    fileName: String($0.dropLast(Self.partialSuffix.count)), size: segmentSize)
            }
            .sorted { ($0.number, $0.timeline) < ($1.number, $1.timeline) }
    }

    func path(ofPartial name: SegmentName) -> String { path(of: name) + Self.partialSuffix }

    /// The history of a timeline.
    func history(of timeline: Timeline) throws(DiskFailure) -> TimelineHistory {
        guard timeline > .first else { return TimelineHistory() }
        let bytes = try historyBytes(of: timeline)
        guard let history = HistoryFile.history(of: timeline, in: bytes) else {
            throw .badHistory(fileName: TimelineHistory.fileName(timeline))
        }
        return history
    }

    /// Sees to it that the history of a timeline is there, and as it was written.
    func checkHistory(of timeline: Timeline) throws(DiskFailure) {
        guard timeline > .first else { return }
        guard HistoryFile.isWhole(try historyBytes(of: timeline), of: timeline) else {
            throw .badHistory(fileName: TimelineHistory.fileName(timeline))
        }
    }

    private func historyBytes(of timeline: Timeline) throws(DiskFailure) -> [UInt8] {
        let bytes = try asking { () throws(IOFailure) in
            try fileSystem.contentsIfPresent(
                of: Self.path + "/" + TimelineHistory.fileName(timeline))
        }
        guard let bytes else { throw .unknownTimeline(timeline) }
        return bytes
    }

    func lineage(of timeline: Timeline) throws(DiskFailure) -> Lineage {
        Lineage(of: timeline, try history(of: timeline))
    }

    /// The timelines that have a history file here, oldest first, but for one that a promotion has
    /// begun and not come to.
    func timelinesWithHistory() throws(DiskFailure) -> [Timeline] {
        let abandoned = try PromotionTrace(fileSystem, segmentSize).abandonedTimeline()
        return try list().compactMap { name -> Timeline? in
            guard name.hasSuffix(".history"), name.utf8.count == 16,
                let number = UInt32(name.prefix(8), radix: 16)
            else { return nil }
            return Timeline(number)
        }.filter { $0 != abandoned }.sorted()
    }

    /// The newest timeline here that left `ancestor` not before `position`, or `ancestor` itself.
    /// PostgreSQL: `recovery_target_timeline = 'latest'`.
    func newestTimeline(
        from ancestor: Timeline, notBefore position: LSN
    ) throws(DiskFailure) -> Timeline {
        for timeline in try timelinesWithHistory().reversed() where timeline > ancestor {
            let fork = try history(of: timeline).switchpoint(of: ancestor)
            if let fork, fork >= position { return timeline }
        }
        return ancestor
    }

    /// Opens the file that holds segment `number` of a timeline's log, or answers nil.
    func open(
        _ number: UInt64, of lineage: Lineage
    ) throws(DiskFailure) -> (name: SegmentName, file: any OpenFile)? {
        for timeline in lineage.candidates(for: number, segmentSize) {
            let name = SegmentName(timeline: timeline, number: number)
            if let file = try openIfPresent(name) { return (name, file) }
        }
        return nil
    }

    /// Whether a segment is whole and the log has never come to it: it is all zero, or a recycled
    /// file as it was recycled.
    func isUnused(_ name: SegmentName) throws(DiskFailure) -> Bool {
        try asking { () throws(IOFailure) in
            let file = try fileSystem.open(path(of: name), .readOnly)
            guard try file.size() == segmentSize.byteCount else { return false }
            let bytes = try file.read(at: 0, count: segmentSize.byteCount)
            return bytes.pages(at: segmentSize.start(of: name.number), segmentSize)
                .allSatisfy { $0 != .unknown }
        }
    }

    /// Reads exactly the bytes asked for, across segments.
    func read(
        _ timeline: Timeline, from: LSN, upTo: LSN
    ) throws(DiskFailure) -> [UInt8] {
        guard from <= upTo else { throw .badRange(from: from, upTo: upTo) }
        let lineage = try lineage(of: timeline)
        var bytes: [UInt8] = []
        var position = from
        while position < upTo {
            let number = segmentSize.number(containing: position)
            let end = min(upTo, segmentSize.start(of: number + 1))
            let file = try segment(number, of: lineage, timeline, upTo: end)
            let piece = try reading(file, from: segmentSize.offset(of: position), end - position)
            guard piece.count == end - position else {
                let name = SegmentName(timeline: timeline, number: number)
                throw .shortSegment(
                    fileName: name.fileName(segmentSize),
                    byteCount: segmentSize.offset(of: position) + piece.count)
            }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
            position = end
        }
        return bytes
    }

    /// After a promotion the old timeline's last segment exists only as the new one's copy (and as
    /// `.partial`), so a reader of the old timeline is served from the new one's file. PostgreSQL:
    /// WalSndSegmentOpen.
    private func segment(
        _ number: UInt64, of lineage: Lineage, _ timeline: Timeline, upTo: LSN
    ) throws(DiskFailure) -> any OpenFile {
        if let found = try open(number, of: lineage) { return found.file }
        for descendant in try timelinesWithHistory() where descendant > timeline {
            let history = try history(of: descendant)
            guard let fork = history.switchpoint(of: timeline), upTo <= fork else { continue }
            let name = SegmentName(timeline: descendant, number: number)
            if let file = try openIfPresent(name) { return file }
        }
        let writer = lineage.timeline(at: LSN(upTo.rawValue - 1))
        let name = SegmentName(timeline: writer, number: number)
        throw .segmentRemoved(fileName: name.fileName(segmentSize))
    }

    private func openIfPresent(_ name: SegmentName) throws(DiskFailure) -> (any OpenFile)? {
        do {
            return try fileSystem.open(path(of: name), .readOnly)
        } catch {
            guard error.kind == .missing else { throw .io(error) }
            return nil
        }
    }

    private func reading(
        _ file: any OpenFile, from offset: Int, _ count: Int
    ) throws(DiskFailure) -> [UInt8] {
        do {
            return try file.read(at: offset, count: count)
        } catch {
            throw .io(error)
        }
    }

    private func list() throws(DiskFailure) -> [String] {
        do {
            return try fileSystem.list(Self.path)
        } catch {
            throw .io(error)
        }
    }
}
