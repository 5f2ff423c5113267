import Testing
import WALFormat
import WireProtocol

@testable import SQLServer

/// What a client sends behind a commit that is not durable.
struct PipelineTests {
    private let host = MemoryHost()

    private func insert(_ key: String) -> String { "INSERT INTO kv VALUES ('\(key)', '1')" }

    @Test func `changes behind a commit are made at once, and answered in order`() throws {
        let client = try Dialogue(host)
        #expect(client.asks(insert("a")) == [.awaitFlush(LSN(1100))])
        #expect(client.asks("UPDATE kv SET value = '2'") == [.awaitFlush(LSN(1200))])
        #expect(client.asks("DELETE FROM kv") == [.awaitFlush(LSN(1300))])
        host.flush(upTo: LSN(1100))
        #expect(client.goesOn() == .committed(at: 1100, "INSERT 0 1"))
        host.flush()
        let both =
            [SQLAction].committed(at: 1200, "UPDATE 1").dropLast()
            + .committed(at: 1300, "DELETE 1")
        #expect(client.goesOn() == Array(both))
    }

    @Test func `what waits for nothing is held behind what does`() throws {
        let client = try Dialogue(host)
        _ = client.asks(insert("a"))
        #expect(client.asks("SET application_name = 'x'").isEmpty)
        #expect(client.asks("BEGIN").isEmpty)
        #expect(client.asks(insert("b")).isEmpty)
        #expect(client.asks("ROLLBACK").isEmpty)
        host.flush()
        let tags = client.goesOn().compactMap { action -> String? in
            if case .send(.commandComplete(let tag)) = action { tag } else { nil }
        }
        #expect(tags == ["INSERT 0 1", "SET", "BEGIN", "INSERT 0 1", "ROLLBACK"])
    }

    @Test func `a read behind one's own commit waits, and sees it`() throws {
        let client = try Dialogue(host)
        _ = client.asks(insert("a"))
        #expect(client.asks("SELECT key FROM kv").isEmpty)
        #expect(client.conversation.step() == (.waiting, []))
        host.flush()
        let row = SQLAction.sendEncoded(BackendMessage.dataRow([Array("a".utf8)]).encoded())
        #expect(client.goesOn().suffix(4) == [row] + .done("SELECT 1"))
    }

    @Test func `an INSERT of the key of one's own commit waits, and is refused`() throws {
        let client = try Dialogue(host)
        _ = client.asks(insert("a"))
        #expect(client.asks(insert("a")) == [.awaitFlush(LSN(1100))])
        #expect(client.conversation.step() == (.waiting, []))
        host.flush()
        let answer = client.goesOn()
        #expect(answer.prefix(4) == [SQLAction].committed(at: 1100, "INSERT 0 1")[...])
        #expect(answer.errorCode == "23505")
    }

    @Test func `an error is held in its place`() throws {
        let client = try Dialogue(host)
        _ = client.asks(insert("a"))
        #expect(client.asks("nonsense").isEmpty)
        #expect(client.asks(insert("b")) == [.awaitFlush(LSN(1200))])
        host.flush(upTo: LSN(1100))
        let first = client.goesOn()
        #expect(first.prefix(3) == [SQLAction].committed(at: 1100, "INSERT 0 1").prefix(3))
        #expect(first.errorCode == "42601")
        host.flush()
        #expect(client.goesOn() == .committed(at: 1200, "INSERT 0 1"))
    }

    @Test func `in the extended protocol it skips to Sync at once, and tells of it in its place`()
        throws
    {
        let client = try Dialogue(host)
        _ = client.hears(.parse(Parse(query: insert("a"))))
        _ = client.hears(.bind(Bind()))
        _ = client.hears(.execute(portal: "", maximumRows: 0))
        #expect(client.hears(.sync) == [.awaitFlush(LSN(1100))])
        #expect(client.hears(.parse(Parse(query: "nonsense"))) == [.skipToSync])
        #expect(client.hears(.sync).isEmpty)
        host.flush()
        let answer = client.goesOn()
        #expect(answer.errorCode == "42601")
        #expect(
            answer.filter { $0 == .send(.readyForQuery(.idle)) }.count == 2
                && answer.last == .flush && answer.filter { $0 == .flush }.count == 1)
    }

    @Test func `a client that says goodbye is told of its commits first`() throws {
        let client = try Dialogue(host)
        _ = client.asks(insert("a"))
        #expect(client.hears(.terminate).isEmpty)
        #expect(client.conversation.step() == (.waiting, []))
        host.flush()
        #expect(client.goesOn() == .committed(at: 1100, "INSERT 0 1") + [.end(nil)])
    }

    @Test func `when the log never becomes durable it hears of none, and once why`() throws {
        let client = try Dialogue(host)
        _ = client.asks(insert("a"))
        _ = client.asks(insert("b"))
        let failure = ServerError(severity: .fatal, code: .ioError, message: "gone")
        #expect(client.conversation.logFlushFailed(failure) == [.end(failure)])
        #expect(client.conversation.logFlushFailed(failure).isEmpty)
        host.flush()
        #expect(client.goesOn().isEmpty)
    }

    @Test func `so many commits are held, and no more`() throws {
        let client = try Dialogue(host)
        var count = 0
        while client.conversation.step().0 == .idle, count < 10_000 {
            _ = client.asks(insert("\(count)"))
            count += 1
        }
        #expect(count == 512)
        host.flush()
        #expect(client.goesOn().count == 3 * count + 1)
        #expect(client.conversation.step().0 == .idle)
    }

    @Test func `so many bytes are held, and no more`() throws {
        let client = try Dialogue(host)
        _ = client.asks(insert("a"))
        let nonsense = String(repeating: "x", count: 10_000)
        var count = 0
        while client.conversation.step().0 == .idle, count < 10_000 {
            _ = client.asks(nonsense)
            count += 1
        }
        #expect(count < 1_000)
        host.flush()
        #expect(client.goesOn().errorCode == "42601")
        #expect(client.conversation.step().0 == .idle)
    }
}
