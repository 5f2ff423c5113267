internal import WALFormat

/// Rows all the way: inserted on a primary by one client, durable there, shipped, durable on the
/// replica and replayed.
final class RowShipping {
    /// A replica that replays fewer rows than this in a second is not coming.
    private static let leastPerSecond = 1_000

    private let pair: ReplicatedPair
    private let interruption: Interruption
    private var batch: RowBatch

    init(_ pair: ReplicatedPair, valueByteCount: Int, interruption: Interruption) {
        self.pair = pair
        self.interruption = interruption
        batch = RowBatch(table: pair.table, valueByteCount: valueByteCount)
    }

    /// At least `count` rows, to the moment the replica says that it has replayed the last.
    func run(_ count: Int) throws(BenchFailure) -> Pace {
        let batches = max(1, count / RowBatch.rowCount)
        let statements = (0..<batches).map { _ in batch.next() }
        let watch = Stopwatch()
        for statement in statements { try pair.primary.ask(statement) }
        let end = try position(pair.primary, "pg_current_wal_lsn()")
        let patience = Self.patience(rows: batches * RowBatch.rowCount)
        while try position(pair.replica, "pg_last_wal_replay_lsn()") < end {
            try interruption.check()
            guard watch.elapsed < patience else {
                throw .server("the replica does not come to \(end)")
            }
        }
        return Pace(count: batches * RowBatch.rowCount, elapsed: watch.elapsed)
    }

    /// How long inserting and replaying so many rows may take.
    static func patience(rows: Int) -> Duration {
        .seconds(LoopbackSocket.patienceSeconds + rows / leastPerSecond)
    }

    private func position(
        _ client: QueryClient, _ function: String
    ) throws(BenchFailure) -> LSN {
        let text = try client.value("SELECT \(function)")
        guard let position = LSN(text) else { throw .server("\(text) is no position") }
        return position
    }
}
