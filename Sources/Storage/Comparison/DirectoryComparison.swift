internal import TableFormat
public import WALFormat

/// Two nodes' data directories held against each other, byte by byte, from their files alone.
///
/// Two nodes are equal at position X when all of this is:
/// - the log, from the oldest segment that both still have up to X;
/// - the table as it was at X, page by page. The files may hold other states of it, for each node
///   writes its pages when it takes a checkpoint: so each side's pages are read from its own file
///   and brought to X by redo of its own log, in memory, apart from the running node, as recovery
///   would;
/// - the commit log as it was at X.
///
/// X is the shorter log's end, or where the two timelines part if that comes first. What is behind
/// X, and what `differByDesign` names, is not compared. Nothing is locked and nothing is written; a
/// running node must be idle.
public struct DirectoryComparison: Hashable, Sendable {
    /// A byte that is not the same.
    public struct Difference: Hashable, Sendable {
        /// The file, from the directory's root, as the left side names it.
        public let file: String
        /// The byte's place in the file. For the table and the commit log: in the file as it would
        /// be at X, without page checksums.
        public let offset: Int
        /// The left side's byte; nil when its file ends before.
        public let left: UInt8?
        /// The right side's byte; nil when its file ends before.
        public let right: UInt8?
    }

    /// What came out.
    public enum Outcome: Hashable, Sendable {
        /// All that was compared is the same.
        case identical
        /// The first byte that is not: in the log, then the table, then the commit log.
        case different(Difference)
        /// One side's file has this page in a state newer than X, and that side's log does not
        /// reach back to an image of it: what it was at X cannot be known.
        case unknowable(block: UInt32, pageLSN: LSN)
        /// One side's log begins behind X, for what was before has been removed; and its files are
        /// as of later.
        case outOfReach(isLeft: Bool, walStart: LSN)
    }

    /// What may differ between nodes that are equal, and why.
    public static let differByDesign: [(file: String, reason: String)] = [
        (DirectoryLayout.control, "each node has its own state and checkpoint"),
        (DirectoryLayout.standbySignal, "only a standby has it"),
        (DirectoryLayout.lock, "it is there once a node has run"),
        (SlotDirectory.path, "each node has slots of its own"),
        (DirectoryLayout.relation, "each node writes pages at its own checkpoints"),
        (DirectoryLayout.commitLog, "each node writes pages at its own checkpoints"),
        ("pg_wal/*.partial", "left behind where a node was promoted"),
        (
            DirectoryLayout.backupLabel + ".old",
            "where the backup began that a node was filled from"
        ),
        (DirectoryLayout.backupManifest, "what was in that backup"),
        ("pg_wal/*.history", "a node has the histories it has heard of"),
    ]

    /// What came out.
    public let outcome: Outcome
    /// The position compared at: X.
    public let through: LSN
    /// Where the log that was compared begins.
    public let walStart: LSN
    /// Pages of the table compared.
    public let pageCount: Int
    /// Pages of the commit log compared.
    public let commitLogPageCount: Int
    /// Where each side's log ends, the left one's first.
    public let ends: [LSN]
    /// Where the sides' timelines part, if they do.
    public let divergence: LSN?

    /// Bytes of log compared.
    public var walByteCount: Int { through - walStart }

    /// Compares two directories.
    /// - Throws: which side cannot be read, and why.
    public init(
        _ left: any FileSystem, _ right: any FileSystem
    ) throws(ComparisonFailure) {
        let sides = try Sides(left, right)
        ends = [sides.left.log.end, sides.right.log.end]
        divergence = sides.left.divergence(from: sides.right)
        through = sides.through
        walStart = sides.walStart
        if let outcome = sides.outOfReach {
            (pageCount, commitLogPageCount) = (0, 0)
            self.outcome = outcome
            return
        }
        let tables = try sides.tables()
        pageCount = min(tables.left.pages.count, tables.right.pages.count)
        commitLogPageCount = tables.commitLogPages.count
        outcome =
            try sides.walDifference().map(Outcome.different) ?? tables.pageOutcome(at: through)
            ?? tables.commitLogDifference().map(Outcome.different) ?? .identical
    }
}

/// A directory that could not be compared because it cannot be read.
public struct ComparisonFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether it is the first one named.
    public let isLeft: Bool
    /// What is wrong with it.
    public let reason: OpenFailure

    /// One line.
    public var description: String { reason.description }
}
