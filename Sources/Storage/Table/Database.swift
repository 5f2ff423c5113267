public import TableFormat
public import WALFormat

/// A node's table in memory: heap pages, commit log, key index, and the log being written or
/// replayed. It belongs to the node's loop; it never touches a disk, a socket or a clock.
///
/// It is not a general engine: one table `kv(key text, value text)`, no locks to wait for (a
/// conflict is an error), read-committed visibility.
///
/// - While `isReadOnly` it only replays; `promote` turns it into one that writes, and nothing turns
///   it back.
/// - Every change to a page goes through one Generic record. A new page, and with
///   `fullPageWrites` a page's first change since the last checkpoint, carry the whole page; other
///   changes carry patches.
/// - A page's LSN is the end of the record of its last change, so redo can be repeated.
/// - `redo` is the only way that records change tables, in recovery and in replay.
/// - What it wrote counts for readers when it has been told that the log is durable up to there.
public struct Database: Sendable {
    /// What a primary has and a standby has not.
    struct Writing: Sendable {
        var log: WALInserter
        /// Transactions begun and not ended.
        var open: Set<TransactionID> = []
        /// Where the timeline begun by a promotion leaves the old one.
        var fork = LSN.invalid
    }

    /// A database writes its log, or follows one: then it knows where the last record lies.
    enum Role: Sendable {
        case writing(Writing)
        case replaying(lastStart: LSN, end: LSN)
    }

    /// A checkpoint record and where it starts.
    struct CheckpointRecord: Hashable, Sendable {
        let start: LSN
        let content: CheckPoint
    }

    /// Which transactions there were, and how they ended.
    struct Transactions: Sendable {
        var log: CommitLog
        /// Pages of it changed since they were last written to disk, and its checksum without them.
        var dirtyPages: Set<UInt32> = []
        var checksum: CommitLogChecksum
        /// Those that committed, ever, as the commit log has it.
        var committedCount: Int
        /// The next transaction's number.
        var next: TransactionID
        /// A transaction below this that never ended was ended by a crash.
        var oldestActive: TransactionID
        /// The time in the last COMMIT replayed, or written and durable.
        var lastCommitTime: PostgresTime?
        /// When each of the last was replayed, or written and durable.
        var times: CommitTimes
    }

    /// Where recovery would start, and how far it would have to go.
    struct Checkpoints: Sendable {
        /// Its redo point decides on full-page images.
        var last: CheckpointRecord
        /// The last one replayed, for a restartpoint.
        var replayed: CheckpointRecord?
        /// The pages on disk need the log up to here.
        var minimumRecovery: LSN
        /// What the last one has made of the files.
        var files: CheckpointedFiles
        /// Whether the disk has said that it has the last one.
        var lastIsOnDisk = true
    }

    /// Pages that were not found as written.
    struct FoundDamage: Sendable {
        /// Those that no image has replaced yet, by block.
        var found: [UInt32: PageDamage]
        /// Those that an image has replaced.
        var restored: [PageDamage] = []
        /// They are changed as if they were sound.
        var isIgnored = false
    }

    /// The same number on every node of the cluster.
    public let systemIdentifier: UInt64
    /// The size of a WAL segment.
    public let segmentSize: SegmentSize
    /// The timeline written or followed.
    public internal(set) var timeline: Timeline
    /// The pages of the table, by block.
    public internal(set) var pages: [HeapPage]
    /// Whether a page's first change after a checkpoint carries the whole page. It stands in the
    /// log, so a standby has its upstream's.
    public internal(set) var fullPageWrites: Bool

    /// What images of pages are compressed with from now on; it stands nowhere in the log.
    /// PostgreSQL: `wal_compression`.
    public private(set) var imageCompression: ImageCompression?

    var role: Role
    /// Which transactions there were, and how they ended.
    var transactions: Transactions
    var index = KeyIndex()
    /// Those of the index's commits that nobody may see yet.
    var unflushed = UnflushedCommits()
    /// False during recovery: pages on disk may be ahead of the record replayed.
    var tracksIndex = false
    /// Where a new row may go; kept while the database writes.
    var room = FreeSpaceMap()
    /// Pages changed since they were last written to disk.
    var dirtyBlocks: Set<UInt32> = []
    /// Where recovery would start.
    var checkpoints: Checkpoints
    /// Pages that were not found as written.
    var damage: FoundDamage

    /// A database that replays, from what a directory holds.
    init(
        _ control: ControlData, checkpoint: CheckPoint, table: TableFiles.Table,
        commitLog: CommitLog
    ) {
        systemIdentifier = control.systemIdentifier
        segmentSize = control.segmentSize
        timeline = checkpoint.timeline
        pages = table.pages
        damage = FoundDamage(found: table.damage)
        fullPageWrites = checkpoint.fullPageWrites
        let next = TransactionID(UInt32(truncatingIfNeeded: checkpoint.nextXID))
        transactions = Transactions(
            log: commitLog, checksum: CommitLogChecksum(of: commitLog),
            committedCount: commitLog.committedCount, next: max(control.nextXID, next),
            oldestActive: checkpoint.firstPossiblyActive,
            times: CommitTimes(knownFrom: control.redo))
        role = .replaying(lastStart: .invalid, end: control.redo)
        checkpoints = Checkpoints(
            last: CheckpointRecord(start: control.checkpoint, content: checkpoint),
            minimumRecovery: control.minimumRecovery, files: control.files)
    }

    /// Changes what images of pages are compressed with.
    public mutating func compressImages(with method: ImageCompression?) {
        imageCompression = method
    }

    /// Whether the node is a standby: it replays and takes no changes.
    public var isReadOnly: Bool {
        switch role {
        case .writing: false
        case .replaying: true
        }
    }

    /// A primary: where the next record's bytes go. A standby: the end of the last record replayed.
    public var insertLSN: LSN {
        switch role {
        case .writing(let writing): writing.log.insertLSN
        case .replaying(_, let end): end
        }
    }

    /// Where the last record written or replayed starts: a `WALReader` that goes on wants it.
    public var lastRecordStart: LSN {
        switch role {
        case .writing(let writing): writing.log.previous
        case .replaying(let start, _): start
        }
    }

    /// The next transaction's number.
    public var nextXID: TransactionID { transactions.next }

    /// The time in the last COMMIT replayed, or written and durable, since the start; nil when
    /// there was none.
    public var lastCommitTime: PostgresTime? { transactions.lastCommitTime }

    /// When the last commits were made that are replayed, or written and durable.
    public var commitTimes: CommitTimes { transactions.times }

    /// Nobody asks any more when commits up to `lsn` were made.
    public mutating func forgetCommitTimes(upTo lsn: LSN) { transactions.times.forget(upTo: lsn) }

    /// How transactions ended.
    public var commitLog: CommitLog { transactions.log }

    /// Where recovery would begin: the redo point of the last checkpoint, or restartpoint.
    public var redo: LSN { checkpoints.last.content.redo }

    /// Bytes of log since the redo point of the last checkpoint, or restartpoint: what a recovery
    /// would have to read.
    public var walSinceCheckpoint: Int { insertLSN - redo }

    /// Whether a checkpoint is due when there should be one for every `byteCount` bytes of log. On
    /// a standby: whether a restartpoint is due, which also takes a checkpoint replayed since the
    /// last one. PostgreSQL: `max_wal_size`, which speaks of the log kept, not of the distance.
    public func isCheckpointDue(after byteCount: Int) -> Bool {
        guard walSinceCheckpoint >= byteCount else { return false }
        switch role {
        case .writing: return true
        case .replaying:
            return checkpoints.replayed.map { $0.start > checkpoints.last.start } ?? false
        }
    }

    /// Control data that point at the last checkpoint.
    public func controlData(_ state: ControlData.State) -> ControlData {
        let checkpoint = checkpoints.last.content
        var control = ControlData(
            systemIdentifier: systemIdentifier, state: state,
            timeline: isReadOnly ? checkpoint.timeline : timeline,
            checkpoint: checkpoints.last.start, redo: checkpoint.redo, segmentSize: segmentSize,
            nextXID: TransactionID(UInt32(truncatingIfNeeded: checkpoint.nextXID)),
            checkpointTime: PostgresTime(unixSeconds: checkpoint.time), files: checkpoints.files)
        control.minimumRecovery = checkpoints.minimumRecovery
        control.minimumRecoveryTimeline = timeline
        return control
    }

    /// The index as the pages have it; equal to `index` while that is kept.
    func rebuiltIndex() -> KeyIndex {
        KeyIndex(of: pages, status: status)
    }
}

extension CheckPoint {
    /// The first transaction that may have been open at the checkpoint; at a clean stop none was.
    var firstPossiblyActive: TransactionID {
        oldestActiveXID == .invalid
            ? TransactionID(UInt32(truncatingIfNeeded: nextXID)) : oldestActiveXID
    }
}

extension CommitLog {
    /// The lower bit of each transaction's two.
    private static let lowBits: UInt64 = 0x5555_5555_5555_5555

    /// The transactions that committed.
    var committedCount: Int {
        pageNumbers.reduce(0) { sum, page in
            bytes(ofPage: page).withUnsafeBytes { bytes in
                var sum = sum
                for offset in stride(from: 0, to: bytes.count, by: 8) {
                    let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    // 01 in a pair of bits: committed.
                    if word != 0 { sum += (word & ~(word >> 1) & Self.lowBits).nonzeroBitCount }
                }
                return sum
            }
        }
    }
}
