import Testing
import WALFormat
import WireProtocol

@testable import SQLServer

/// Transactions that see one moment, statements that last, and what ends them.
struct SnapshotTests {
    private let host = MemoryHost()

    private func value(_ client: Dialogue) -> String? {
        client.rows("SELECT value FROM kv WHERE key = 'a'").first?.first ?? nil
    }

    /// A commit by somebody else.
    private func others(_ query: String) throws {
        let other = try Dialogue(host, processID: 2)
        _ = other.asks(query)
        host.flush()
        _ = other.goesOn()
    }

    @Test func `REPEATABLE READ sees what there was at its first query`() throws {
        try others("INSERT INTO kv VALUES ('a', '1')")
        let client = try Dialogue(host)
        #expect(
            client.asks("BEGIN ISOLATION LEVEL REPEATABLE READ") == .done("BEGIN", .inTransaction))
        #expect(client.show("transaction_isolation") == "repeatable read")
        try others("UPDATE kv SET value = '2'")
        #expect(host.snapshots.isEmpty, "there was no query yet")
        #expect(value(client) == "2")
        try others("UPDATE kv SET value = '3'")
        #expect(value(client) == "2")
        #expect(client.rows("SELECT count(*) FROM kv WHERE value = '2'") == [["1"]])
        #expect(client.asks("COMMIT") == .done("COMMIT"))
        #expect(host.snapshots.isEmpty)
        #expect(value(client) == "3")
    }

    @Test func `READ COMMITTED sees what there is at each query, and holds nothing`() throws {
        try others("INSERT INTO kv VALUES ('a', '1')")
        let client = try Dialogue(host)
        _ = client.asks("BEGIN")
        #expect(value(client) == "1")
        try others("UPDATE kv SET value = '2'")
        #expect(value(client) == "2")
        #expect(host.snapshots.isEmpty)
    }

    @Test func `a row changed behind a snapshot cannot be changed under it`() throws {
        try others("INSERT INTO kv VALUES ('a', '1'), ('b', '1')")
        let client = try Dialogue(host)
        _ = client.asks("BEGIN")
        _ = client.asks("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        #expect(value(client) == "1")
        try others("UPDATE kv SET value = '2' WHERE key = 'a'")
        #expect(client.asks("UPDATE kv SET value = '3' WHERE key = 'b'").errorCode == nil)
        #expect(client.asks("UPDATE kv SET value = '3' WHERE key = 'a'").errorCode == "40001")
        #expect(host.snapshots.isEmpty, "an error ends the transaction's reading")
        #expect(client.asks("SELECT 1").errorCode == "25P02")
    }

    @Test func `an isolation level is chosen before the first query`() throws {
        let client = try Dialogue(host)
        _ = client.asks("BEGIN ISOLATION LEVEL REPEATABLE READ")
        #expect(value(client) == nil)
        let late = client.asks("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        #expect(late.errorCode == "25001")
        #expect(client.asks("BEGIN ISOLATION LEVEL SERIALIZABLE").errorCode != nil)
    }

    @Test func `pg_sleep holds the answer back for lab time, and what follows it`() throws {
        let client = try Dialogue(host)
        let end = PostgresTime(microseconds: 1_500_000)
        let actions = client.asks("SELECT pg_sleep(1.5); SELECT 1")
        #expect(actions.last == .wake(at: end))
        #expect(client.conversation.step() == (.waiting, []))
        #expect(host.snapshots.count == 1, "a statement that lasts holds a snapshot")
        #expect(client.conversation.timeReached(PostgresTime(microseconds: 7)) == [.wake(at: end)])
        host.now = end
        let first = client.conversation.timeReached(end)
        let rest = client.goesOn()
        #expect((first + rest).suffix(3).elementsEqual([SQLAction].done("SELECT 1")))
        #expect(host.snapshots.isEmpty)
    }

    @Test func `a statement that lasts is cancelled, and one that does not exist is not`() throws {
        let client = try Dialogue(host)
        #expect(client.conversation.cancelled().isEmpty)
        _ = client.asks("SELECT pg_sleep(10)")
        let actions = client.conversation.cancelled()
        #expect(actions.errorCode == "57014")
        #expect(actions.last == .flush)
        #expect(host.snapshots.isEmpty)
        #expect(client.conversation.timeReached(PostgresTime(microseconds: 20_000_000)).isEmpty)
        #expect(client.rows("SELECT 1") == [["1"]])
    }

    @Test func `a conflict cancels a query, and ends a connection that is idle`() throws {
        let busy = try Dialogue(host)
        _ = busy.asks("BEGIN ISOLATION LEVEL REPEATABLE READ")
        _ = busy.asks("SELECT pg_sleep(10)")
        let cancelled = busy.conversation.conflictsWithRecovery()
        #expect(cancelled.errorCode == "40001")
        #expect(cancelled.suffix(2) == [.send(.readyForQuery(.failed)), .flush])
        let idle = try Dialogue(host)
        _ = idle.asks("BEGIN ISOLATION LEVEL REPEATABLE READ")
        _ = value(idle)
        guard case .end(let error?)? = idle.conversation.conflictsWithRecovery().first else {
            Issue.record("its connection goes on")
            return
        }
        #expect(error.severity == .fatal && error.code == .serializationFailure)
        #expect(error.message == "terminating connection due to conflict with recovery")
    }
}
