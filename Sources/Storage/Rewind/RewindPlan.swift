internal import TableFormat
public import WALFormat

/// What a rewind has to do to a node's directory: from which checkpoint on its log and the source's
/// are to be replayed again, and which pages its own log has touched since. PostgreSQL:
/// `pg_rewind`, `findLastCheckpoint` and `extractPageMap`.
///
/// - The checkpoint lies before the fork, and is no younger than either node's last. So each page
///   that the log behind its redo point does not touch is on both disks as it was there.
/// - Every other page is copied as the source has it now. The source's log, replayed from the redo
///   point on, brings them all to one state: it has an image of each, or the page's LSN says that
///   it is further already.
/// - A page that only the source has is copied too, one that only this node has goes.
public struct RewindPlan: Hashable, Sendable {
    /// Where the two logs part.
    public var fork: LSN
    /// The end of the node's own log.
    public var ownEnd: LSN
    /// The timeline that the node's log ends on.
    public var ownTimeline: Timeline
    /// The last checkpoint that both have.
    public var checkpoint: LSN
    /// Its redo point.
    public var redo: LSN
    /// The timeline of both.
    public var timeline: Timeline
    /// The pages that are not as the checkpoint left them, below `pageCount`, in rising order.
    public var blocks: [UInt32]
    /// How many pages the node's table had.
    public var pageCount: UInt32

    /// Pages to be copied from a table of so many.
    public func copiedBlocks(ofSourcePages count: UInt32) -> [UInt32] {
        blocks.filter { $0 < count } + (pageCount < count ? Array(pageCount..<count) : [])
    }
}

/// Why a directory cannot be rewound.
public enum RewindRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The node's log is wholly the source's past.
    case nothingToRewind(end: LSN)
    /// The source still writes the timeline that this node has left, or the same.
    case notADescendant(source: Timeline, own: Timeline)
    /// They are not of one cluster.
    case otherCluster
    /// The node's log does not go back to a checkpoint that both have.
    case missingWAL(before: LSN)
    /// The directory cannot be read.
    case unreadable(OpenFailure)

    /// One line.
    public var description: String {
        switch self {
        case .nothingToRewind(let end): "its log, up to \(end), is the source's past"
        case .notADescendant(let source, let own):
            "the source is on timeline \(source), and it is on timeline \(own)"
        case .otherCluster: "the two are of different clusters"
        case .missingWAL(let lsn): "its log does not go back to a common checkpoint before \(lsn)"
        case .unreadable(let failure): failure.description
        }
    }
}

extension RewindPlan {
    /// Reads the log of a node that is down, and compares it with what the source says of itself.
    /// A rewind that did not come to its end goes by the plan that it began with.
    public init(
        _ fileSystem: any FileSystem, source: RewindSource
    ) throws(RewindRefusal) {
        let begun = try Self.reading { () throws(OpenFailure) in
            try RewindMark.read(fileSystem)
        }
        guard let begun else {
            self = try Self.made(fileSystem, source)
            return
        }
        guard source.lineage.includes(LogPosition(begun.plan.timeline, begun.plan.checkpoint))
        else { throw .missingWAL(before: begun.plan.checkpoint) }
        self = begun.plan
    }

    private static func made(
        _ fileSystem: any FileSystem, _ source: RewindSource
    ) throws(RewindRefusal) -> RewindPlan {
        let (control, backup) = try reading { () throws(OpenFailure) in
            (try ControlData(reading: fileSystem), try RestoredBackup.read(fileSystem))
        }
        guard backup == nil else { throw .missingWAL(before: control.checkpoint) }
        guard control.systemIdentifier == source.control.systemIdentifier else {
            throw .otherCluster
        }
        var scan = try reading { () throws(OpenFailure) in
            try WALOnDisk.scan(fileSystem, control)
        }
        let fork = try fork(scan.lineage, source)
        let start = scan.end
        var trace = TouchedBlocks(
            lastCheckpoint: min(fork, control.checkpoint, source.control.checkpoint))
        let size = try reading { () throws(OpenFailure) in
            while let entry = try scan.next() { trace.take(entry) }
            return try opening { () throws(IOFailure) in
                try fileSystem.open(DirectoryLayout.relation, .readOnly).size()
            }
        }
        guard scan.end > fork else { throw .nothingToRewind(end: scan.end) }
        guard let found = trace.checkpoint, found.redo >= start else {
            throw .missingWAL(before: fork)
        }
        let pageCount = UInt32(clamping: size / TableFiles.pageByteCount)
        return RewindPlan(
            fork: fork, ownEnd: scan.end, ownTimeline: scan.lineage.timeline(before: scan.end),
            checkpoint: found.start, redo: found.redo,
            timeline: scan.lineage.timeline(at: found.start),
            blocks: trace.blocks(since: found.redo).filter { $0 < pageCount },
            pageCount: pageCount)
    }

    private static func reading<Answer>(
        _ files: () throws(OpenFailure) -> Answer
    ) throws(RewindRefusal) -> Answer {
        do throws(OpenFailure) { return try files() } catch { throw .unreadable(error) }
    }

    /// Where the source's log left this one.
    private static func fork(
        _ own: Lineage, _ source: RewindSource
    ) throws(RewindRefusal) -> LSN {
        let shared = zip(own.spans, source.lineage.spans).prefix { mine, theirs in
            mine.timeline == theirs.timeline && mine.begin == theirs.begin
        }
        guard let (mine, theirs) = Array(shared).last else { throw .otherCluster }
        guard let left = theirs.end else {
            throw .notADescendant(source: source.lineage.current, own: own.current)
        }
        return min(left, mine.end ?? left)
    }
}

/// What the source of a rewind says of itself: its control data, and how its timeline came about.
public struct RewindSource: Hashable, Sendable {
    /// Its control data.
    public let control: ControlData
    /// How its timeline came about.
    public let history: TimelineHistory
    /// The same, for comparisons.
    public let lineage: Lineage

    /// From the bytes of its files.
    /// - Parameter history: the file of its timeline; nil for the first.
    public init?(control bytes: [UInt8], history file: [UInt8]?) {
        guard let control = try? ControlData(decoding: bytes) else { return nil }
        let timeline = Self.timeline(control)
        var history = TimelineHistory()
        if timeline > .first {
            guard let file, let read = HistoryFile.history(of: timeline, in: file) else {
                return nil
            }
            history = read
        }
        self.control = control
        self.history = history
        lineage = Lineage(of: timeline, history)
    }

    /// The timeline that a node with these control data is on.
    public static func timeline(_ control: ControlData) -> Timeline {
        guard control.minimumRecovery > control.checkpoint else { return control.timeline }
        return max(control.timeline, control.minimumRecoveryTimeline)
    }

    /// The files that may hold a segment of its log, best first.
    public func segmentPaths(_ number: UInt64) -> [String] {
        lineage.candidates(for: number, control.segmentSize).map { timeline in
            WALDirectory.path + "/"
                + SegmentName(timeline: timeline, number: number).fileName(control.segmentSize)
        }
    }

    /// Where the table is.
    public static let tablePath = DirectoryLayout.relation

    /// The histories of all timelines that it has been on.
    public var historyPaths: [String] {
        lineage.spans.map(\.timeline).filter { $0 > .first }.map(Self.historyPath)
    }

    /// Where the history of a timeline is.
    public static func historyPath(_ timeline: Timeline) -> String {
        WALDirectory.path + "/" + TimelineHistory.fileName(timeline)
    }

    /// How much of `pg_xact` there is to copy.
    public var commitLogPaths: [(path: String, byteCount: Int)] {
        let pages = CommitLog.page(of: control.nextXID) + 1
        return stride(from: 0, to: pages, by: Int(CommitLog.pagesPerFile)).map { first in
            let count = min(CommitLog.pagesPerFile, pages - first)
            let name = String((first / CommitLog.pagesPerFile) as UInt32, radix: 16).uppercased()
            return (
                DirectoryLayout.commitLog + "/" + String(repeating: "0", count: 4 - name.count)
                    + name, Int(count) * CommitLog.pageByteCount
            )
        }
    }
}
