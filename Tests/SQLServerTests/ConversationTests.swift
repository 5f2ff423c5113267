import Testing
import WALFormat
import WireProtocol

@testable import SQLServer

/// What is asked of a connection, message by message.
struct ConversationTests {
    private let host = MemoryHost()

    @Test func `a commit's OK waits for the log`() throws {
        let client = try Dialogue(host)
        #expect(client.asks("INSERT INTO kv VALUES ('a', '1')") == [.awaitFlush(LSN(1100))])
        #expect(client.conversation.step() == (.idle, []))
        #expect(client.goesOn().isEmpty)
        host.flush()
        #expect(client.goesOn() == .committed(at: 1100, "INSERT 0 1"))
        #expect(client.rows("SELECT value FROM kv") == [["1"]])
    }

    @Test func `a commit that never becomes durable is never told OK`() throws {
        let client = try Dialogue(host)
        let failure = ServerError(severity: .fatal, code: .ioError, message: "gone")
        #expect(client.conversation.logFlushFailed(failure).isEmpty)
        _ = client.asks("INSERT INTO kv VALUES ('a', '1')")
        #expect(client.conversation.logFlushFailed(failure) == [.end(failure)])
    }

    @Test func `a prepared SELECT sees what its transaction made since`() throws {
        let client = try Dialogue(host)
        let query = "SELECT count(*) FROM kv"
        _ = client.hears(.parse(Parse(statement: "s", query: query)))
        for count in 0..<3 {
            _ = client.hears(.bind(Bind(statement: "s")))
            let answer = client.hears(.execute(portal: "", maximumRows: 0))
            let row = BackendMessage.dataRow([Array("\(count)".utf8)]).encoded()
            #expect(answer == [.sendEncoded(row), .send(.commandComplete("SELECT 1"))])
            if count == 0 { _ = client.asks("BEGIN") }
            _ = client.asks("INSERT INTO kv VALUES ('\(count)', 'x')")
        }
    }

    @Test func `after an error the extended protocol skips to Sync`() throws {
        let client = try Dialogue(host)
        let actions = client.hears(.parse(Parse(query: "SELEC")))
        #expect(actions.first == .skipToSync)
        #expect(actions.errorCode == "42601")
        #expect(client.hears(.sync) == [.send(.readyForQuery(.idle)), .flush])
    }

    @Test func `a promotion is told as it happens`() throws {
        host.isInRecovery = true
        let client = try Dialogue(host)
        #expect(client.show("in_hot_standby") == "on")
        host.isInRecovery = false
        #expect(
            client.conversation.promoted() == [
                .send(.parameterStatus(name: "in_hot_standby", value: "off")), .flush,
            ])
        #expect(client.conversation.promoted() == [.flush])
    }
}
