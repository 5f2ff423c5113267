internal import WALFormat

/// Rows all the way: inserted on a primary by one client, durable there, shipped, durable on the
/// replica and replayed.
final class RowShipping {
    /// Rows in one statement, which is one commit.
    private static let batchCount = 1_000

    private let writer: QueryClient
    private let reader: QueryClient
    private let value: String
    private var number = 0

    init(_ lab: LabServer, valueByteCount: Int) throws(BenchFailure) {
        writer = try lab.client()
        reader = try QueryClient(port: try lab.port(of: "r1"), user: LabServer.user)
        value = String(repeating: "x", count: valueByteCount)
    }

    /// At least `count` rows, to the moment the replica says that it has replayed the last.
    func run(_ count: Int) throws(BenchFailure) -> Pace {
        let batches = max(1, count / Self.batchCount)
        let statements = (0..<batches).map { _ in nextStatement() }
        let watch = Stopwatch()
        for statement in statements { try writer.ask(statement) }
        let end = try position(writer, "pg_current_wal_lsn()")
        while try position(reader, "pg_last_wal_replay_lsn()") < end {
            guard watch.elapsed.seconds < Double(LoopbackSocket.patienceSeconds) else {
                throw .lab("the replica does not come to \(end)")
            }
        }
        return Pace(count: batches * Self.batchCount, elapsed: watch.elapsed)
    }

    private func nextStatement() -> String {
        let rows = (0..<Self.batchCount).map { _ in
            number += 1
            return "('k\(number)', '\(value)')"
        }
        return "INSERT INTO kv(key, value) VALUES " + rows.joined(separator: ", ")
    }

    private func position(
        _ client: QueryClient, _ function: String
    ) throws(BenchFailure) -> LSN {
        let text = try client.value("SELECT \(function)")
        guard let position = LSN(text) else { throw .server("\(text) is no position") }
        return position
    }
}
