public import WALFormat

/// What a node's log says was committed, read record by record: all that a loss is counted by. Of
/// a long log it keeps the transactions, where `WALOnDisk` keeps every record.
public struct CommittedLog: Sendable {
    /// The first byte of the log that is still there.
    public let begin: LSN
    /// The end of the last record, or where the damage begins that ends the reading.
    public let end: LSN
    /// The transactions that committed, in the order of their COMMITs; those of segments that have
    /// been removed too, if somebody has kept them.
    public let transactions: [WALOnDisk.Transaction]
    private let lineage: Lineage

    /// Reads a directory's log.
    /// - Parameter removed: what its log said in segments that are gone.
    public init(
        _ fileSystem: any FileSystem, _ removed: RemovedCommits = RemovedCommits()
    ) throws(OpenFailure) {
        var scan = try WALOnDisk.scan(fileSystem, try ControlData(reading: fileSystem))
        lineage = scan.lineage
        var first: LSN?
        var known = removed.beginning(of: lineage)
        do {
            while let entry = try scan.next() {
                first = first ?? entry.start
                known.take(
                    WALOnDisk.Entry(
                        record: entry.record, start: entry.start, end: entry.end,
                        timeline: scan.lineage.timeline(at: entry.start)))
            }
        } catch {
            guard case .corrupt = error else { throw error }
        }
        begin = first ?? scan.end
        end = scan.end
        transactions = known.transactions
    }

    /// All of it, for those who compare logs.
    public var extent: LogExtent { LogExtent(lineage, end: end) }
    /// The timeline read, the last of its lineage.
    public var timeline: Timeline { lineage.current }
    /// Where that timeline left the one before; nil if it is the first.
    public var fork: LSN? { lineage.fork }

    /// Whether this log goes on from a timeline's log up to a position, or holds it.
    public func isOnLineage(_ timeline: Timeline, upTo position: LSN) -> Bool {
        lineage.includes(LogPosition(timeline, position))
    }
}
