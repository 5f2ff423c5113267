import Testing
import WALFormat
import WireProtocol

@testable import SQLServer

/// A plain INSERT whose key a commit has that is not durable yet: it waits, then decides.
struct InsertWaitTests {
    private let host = MemoryHost()
    private let insert = "INSERT INTO kv VALUES ('a', '2')"

    /// Someone's commit of `a`, on its way to disk.
    private func commitOnItsWay() throws -> Dialogue {
        let first = try Dialogue(host)
        #expect(first.asks("INSERT INTO kv VALUES ('a', '1')") == [.awaitFlush(LSN(1100))])
        return first
    }

    @Test func `it is refused only when the other commit is durable`() throws {
        _ = try commitOnItsWay()
        let second = try Dialogue(host)
        #expect(second.asks(insert) == [.awaitFlush(LSN(1100))])
        #expect(second.conversation.step() == (.waiting, []))
        host.flush()
        #expect(second.goesOn().errorCode == "23505")
    }

    @Test func `it succeeds when the row is deleted while it waits`() throws {
        _ = try commitOnItsWay()
        let second = try Dialogue(host)
        _ = second.asks(insert)
        host.flush()
        _ = try Dialogue(host).asks("DELETE FROM kv")
        #expect(second.goesOn() == [.awaitFlush(LSN(1300))])
        host.flush()
        #expect(second.goesOn() == .committed(at: 1300, "INSERT 0 1"))
    }

    @Test func `it waits again when the row is changed again`() throws {
        _ = try commitOnItsWay()
        let second = try Dialogue(host)
        _ = second.asks(insert)
        host.flush()
        _ = try Dialogue(host).asks("UPDATE kv SET value = '3'")
        #expect(second.goesOn() == [.awaitFlush(LSN(1200))])
        host.flush()
        #expect(second.goesOn().errorCode == "23505")
    }

    @Test func `in a block it waits, and the block goes on`() throws {
        _ = try commitOnItsWay()
        let second = try Dialogue(host)
        _ = second.asks("BEGIN")
        #expect(second.asks("INSERT INTO kv VALUES ('b', '2')").last == .flush)
        #expect(second.asks("INSERT INTO kv VALUES ('a', '2')") == [.awaitFlush(LSN(1100))])
        host.flush()
        let answer = second.goesOn()
        #expect(answer.errorCode == "23505")
        #expect(answer.suffix(2) == [.send(.readyForQuery(.failed)), .flush])
    }

    @Test func `in the extended protocol its error skips to Sync`() throws {
        _ = try commitOnItsWay()
        let second = try Dialogue(host)
        _ = second.hears(.parse(Parse(query: insert)))
        _ = second.hears(.bind(Bind()))
        #expect(
            second.hears(.execute(portal: "", maximumRows: 0)) == [.awaitFlush(LSN(1100))])
        host.flush()
        let answer = second.goesOn()
        #expect(answer.first == .skipToSync)
        #expect(answer.errorCode == "23505")
    }

    @Test func `the connection ends when the other commit never becomes durable`() throws {
        _ = try commitOnItsWay()
        let second = try Dialogue(host)
        _ = second.asks(insert)
        let failure = ServerError(severity: .fatal, code: .ioError, message: "gone")
        #expect(second.conversation.logFlushFailed(failure) == [.end(failure)])
    }

    @Test func `one of a key that nobody changes does not wait for anybody`() throws {
        let first = try commitOnItsWay()
        host.flush()
        _ = first.goesOn()
        _ = first.asks("INSERT INTO kv VALUES ('b', '1')")
        #expect(try Dialogue(host).asks(insert).errorCode == "23505")
    }
}
