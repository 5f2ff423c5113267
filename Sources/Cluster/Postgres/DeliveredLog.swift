import Storage
import WALFormat
import WireProtocol

/// The log as a link has let it through to a PostgreSQL member, read by the lab's own reader: how
/// far it goes in bytes and in whole records, and which commits are in it.
///
/// A standby confirms whole records when it reports replay, and bytes when it reports flush.
struct DeliveredLog {
    /// The commits of the log up to a position.
    struct Mark: Hashable {
        let end: LSN
        let count: Int
        let time: PostgresTime
    }

    /// The end of the bytes let through.
    private(set) var delivered: LSN
    /// The end of the last whole record let through.
    var recordEnd: LSN { reader.end }

    private var reader: WALReader
    private var marks: [Mark] = []
    /// The newest mark that the standby has replayed.
    private var replayed: Mark?
    private var tally: CommitTally
    private let firstCount: Int

    /// - Parameters:
    ///   - start: where a record starts, the first that the standby needs.
    ///   - commits: what had committed on the files it began with.
    init(
        from start: LSN, systemIdentifier: UInt64, segmentSize: SegmentSize, commits: CommitTally
    ) {
        delivered = start
        tally = commits
        firstCount = commits.count
        reader = WALReader(
            at: start, previous: nil, segmentSize: segmentSize, systemIdentifier: systemIdentifier)
    }

    /// A piece of the log was let through. A stream begins at the start of a segment and may
    /// repeat what came before.
    mutating func take(_ data: XLogData) {
        let end = data.start.advanced(by: data.bytes.count)
        guard end > delivered, data.start <= delivered else { return }
        reader.feed(Array(data.bytes.dropFirst(delivered - data.start)))
        delivered = end
        while case .record(let record, _, let end) = reader.next() {
            guard case .commit(let time) = record.body else { continue }
            tally.committed(record.xid)
            marks.append(Mark(end: end, count: tally.count, time: time))
        }
    }

    /// The standby has replayed up to here.
    mutating func replayed(upTo position: LSN) {
        let passed = marks.prefix { $0.end <= position }
        replayed = passed.last ?? replayed
        marks.removeFirst(passed.count)
    }

    /// Commits that the standby has, from its first files or by replay.
    var replayedCommits: Int { replayed?.count ?? firstCount }
    /// The time in the last of them.
    var lastCommit: PostgresTime? { replayed?.time }
}
