import Testing
import WALFormat
import WireProtocol

@testable import SQLServer

/// Statements that change many rows, and the pattern that says which.
struct BulkChangeTests {
    private let host = MemoryHost()

    private func fill(_ count: Int) throws -> Dialogue {
        let client = try Dialogue(host)
        for start in stride(from: 0, to: count, by: 1_000) {
            let rows = (start..<min(count, start + 1_000)).map { "('k:\($0)', 'x')" }
            _ = client.asks("INSERT INTO kv VALUES \(rows.joined(separator: ", "))")
            host.flush()
            _ = client.goesOn()
        }
        return client
    }

    @Test func `many rows are changed piece by piece, in one transaction`() throws {
        let client = try fill(3_000)
        #expect(client.asks("DELETE FROM kv WHERE key LIKE 'k:%'").last == .wake(at: host.now))
        var pieces = 0
        var actions: [SQLAction] = []
        while let progress = client.conversation.progress {
            #expect(progress == (pieces * BulkChange.pieceCount, 3_000))
            #expect(client.conversation.step() == (.waiting, []))
            pieces += 1
            actions = client.conversation.timeReached(host.now)
        }
        #expect(pieces == 3)
        #expect(actions.isEmpty)
        let commit = client.goesOn()
        #expect(commit.contains { if case .awaitFlush = $0 { true } else { false } })
        host.flush()
        #expect(client.goesOn().suffix(3) == [SQLAction].done("DELETE 3000")[...])
        #expect(client.rows("SELECT count(*) FROM kv") == [["0"]])
    }

    @Test func `cancelled in the middle, nothing of it has happened`() throws {
        let client = try fill(3_000)
        _ = client.asks("UPDATE kv SET value = 'y'")
        _ = client.conversation.timeReached(host.now)
        #expect(client.conversation.cancelled().errorCode == "57014")
        #expect(client.conversation.timeReached(host.now).isEmpty)
        #expect(client.rows("SELECT count(*) FROM kv WHERE value = 'x'") == [["3000"]])
    }

    @Test(arguments: [
        ("k:%", "k:1", true), ("k:%", "k:", true), ("k:%", "K:1", false), ("%", "", true),
        ("a_c", "abc", true), ("a_c", "ac", false), ("_", "ü", true), ("", "", true),
        ("", "a", false), ("%b%", "abc", true), ("%b%c", "abcbc", true), ("%b%c", "abcb", false),
        (#"50\%"#, "50%", true), (#"50\%"#, "500", false), (#"a\_%"#, "a_b", true),
        (#"a\_%"#, "abb", false), (#"\\"#, #"\"#, true),
    ])
    func `LIKE`(_ pattern: String, _ text: String, _ matches: Bool) throws {
        #expect(try #require(SQLPattern(pattern)).matches(text) == matches)
    }

    @Test func `a pattern with many stars takes no longer than the text times the pattern`() throws
    {
        let pattern = try #require(SQLPattern(String(repeating: "%a", count: 50) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 5_000)))
    }

    @Test func `what LIKE cannot be is said`() throws {
        let client = try Dialogue(host)
        #expect(client.asks(#"DELETE FROM kv WHERE key LIKE 'a\'"#).errorCode == "22025")
        #expect(client.asks("DELETE FROM kv WHERE key LIKE $1").errorCode == "0A000")
        #expect(client.asks("DELETE FROM kv WHERE value LIKE 'a%'").errorCode == "0A000")
    }
}
