internal import WALFormat

/// Rows all the way: inserted on a primary by one client, durable there, shipped, durable on the
/// replica and replayed.
final class RowShipping {
    /// Rows in one statement, which is one commit.
    private static let batchCount = 1_000
    /// A replica that replays fewer rows than this in a second is not coming.
    private static let leastPerSecond = 1_000

    private let pair: ReplicatedPair
    private let value: String
    private let interruption: Interruption
    private var number = 0

    init(_ pair: ReplicatedPair, valueByteCount: Int, interruption: Interruption) {
        self.pair = pair
        self.interruption = interruption
        value = String(repeating: "x", count: valueByteCount)
    }

    /// At least `count` rows, to the moment the replica says that it has replayed the last.
    func run(_ count: Int) throws(BenchFailure) -> Pace {
        let batches = max(1, count / Self.batchCount)
        let statements = (0..<batches).map { _ in nextStatement() }
        let watch = Stopwatch()
        for statement in statements { try pair.primary.ask(statement) }
        let end = try position(pair.primary, "pg_current_wal_lsn()")
        let patience = Self.patience(rows: batches * Self.batchCount)
        while try position(pair.replica, "pg_last_wal_replay_lsn()") < end {
            try interruption.check()
            guard watch.elapsed < patience else {
                throw .server("the replica does not come to \(end)")
            }
        }
        return Pace(count: batches * Self.batchCount, elapsed: watch.elapsed)
    }

    /// How long inserting and replaying so many rows may take.
    static func patience(rows: Int) -> Duration {
        .seconds(LoopbackSocket.patienceSeconds + rows / leastPerSecond)
    }

    private func nextStatement() -> String {
        let rows = (0..<Self.batchCount).map { _ in
            number += 1
            return "('k\(number)', '\(value)')"
        }
        return "INSERT INTO \(pair.table)(key, value) VALUES " + rows.joined(separator: ", ")
    }

    private func position(
        _ client: QueryClient, _ function: String
    ) throws(BenchFailure) -> LSN {
        let text = try client.value("SELECT \(function)")
        guard let position = LSN(text) else { throw .server("\(text) is no position") }
        return position
    }
}
