import Testing
import WALFormat
import WireProtocol

@testable import SQLServer

/// One table of settings behind everything that shows one.
struct SettingTableTests {
    private let host = MemoryHost()

    private var scope: Setting.Scope { Setting.Scope(node: host.configuration, user: "me") }

    @Test func `what the node is changed to is what everybody is shown`() throws {
        let client = try Dialogue(host)
        let current = "SELECT current_setting('full_page_writes')"
        #expect(client.show("full_page_writes") == "on")
        host.fullPageWrites = false
        #expect(client.show("full_page_writes") == "off")
        #expect(client.rows(current) == [["off"]])
        #expect(SettingTable.show("full_page_writes", in: scope)?.value == "off")
    }

    @Test func `a node has one version, wherever it says it`() throws {
        let client = try Dialogue(host)
        let version = try #require(client.show("server_version"))
        #expect(version == ServerVersion.text)
        #expect(client.rows("SELECT version()") == [["PostgreSQL \(version)"]])
        let greeting = ServerGreeting(
            user: "me", applicationName: "", processID: 1,
            configuration: host.configuration)
        let told = BackendMessage.parameterStatus(name: "server_version", value: version)
        #expect(greeting.messages.contains(told))
    }

    @Test func `a client is greeted with what it would be shown`() throws {
        let client = try Dialogue(host)
        let greeting = ServerGreeting(
            user: "me", applicationName: "", processID: 1,
            configuration: host.configuration)
        var count = 0
        for case .parameterStatus(let name, let value) in greeting.messages {
            #expect(client.show(name) == value)
            count += 1
        }
        #expect(count == 13)
    }

    @Test(arguments: [
        ("wal_segment_size", "1MB"), ("data_directory_mode", "0700"), ("WAL_keep_size", "2GB"),
        ("max_wal_size", "5MB"), ("wal_sender_timeout", "90s"), ("max_connections", "7"),
        ("block_size", "8192"), ("TimeZone", "UTC"), ("search_path", "\"$user\", public"),
        ("session_authorization", "me"), ("wal_compression", "off"),
        ("transaction_read_only", "off"),
    ])
    func `a value is shown in PostgreSQL's way`(_ name: String, _ value: String) {
        #expect(SettingTable.show(name, in: scope)?.value == value)
    }

    @Test(arguments: [
        ("fsync", "off", "55P02"), ("max_wal_size", "1GB", "55P02"),
        ("in_hot_standby", "on", "55P02"), ("client_encoding", "latin1", "22023"),
        ("synchronous_commit", "on", "22023"), ("nope", "1", "42704"),
    ])
    func `a session cannot set what it has no part in`(
        _ name: String, _ value: String, _ code: String
    ) throws {
        #expect(try Dialogue(host).asks("SET \(name) = '\(value)'").errorCode == code)
    }

    @Test func `a session shows what it has set, and is told of it once`() throws {
        let client = try Dialogue(host)
        let told = SQLAction.send(.parameterStatus(name: "application_name", value: "x"))
        #expect(client.asks("SET application_name = 'x'").contains(told))
        #expect(!client.asks("SELECT 1").contains(told))
        #expect(client.show("application_name") == "x")
        _ = client.asks("SET my.own = '1'")
        #expect(client.show("my.own") == "1")
        _ = client.asks("RESET ALL")
        #expect(client.show("application_name") == "")
        #expect(client.asks("SHOW my.own").errorCode == "42704")
    }
}
