import Cluster
import SQLServer
import Testing
import WALFormat
import WireProtocol

/// A setting has one value, whoever asks: at the prompt, in a session, as a replica.
struct SettingTests {
    private let lab: Lab

    init() throws {
        lab = try watchedLab(LabOptions(replicas: 1))
    }

    /// What a WAL sender shows.
    private func shownToReplica(_ name: String) throws -> String? {
        let replica = try ServerTestClient(lab, startsUp: false)
        replica.send(.startup(StartupMessage(user: "me", replication: true)))
        _ = replica.readUntilReady()
        return row(replica.query("SHOW \(name)"))
    }

    private func row(_ said: [ServerTestClient.Said]) -> String? {
        for case .row(let values) in said { return values[0] }
        return nil
    }

    @Test(arguments: [
        "wal_segment_size", "fsync", "synchronous_commit", "full_page_writes",
        "wal_sender_timeout", "max_wal_size", "wal_compression",
    ])
    func `a value that is changed is changed for everybody`(_ name: String) throws {
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        func check() throws {
            let value = try #require(lab.settings().first { $0.name == name }?.value)
            #expect(row(client.query("SHOW \(name)")) == value)
            #expect(row(client.query("SELECT current_setting('\(name)')")) == value)
            #expect(try shownToReplica(name) == value)
        }
        try check()
        try lab.setFullPageWrites(false)
        lab.set(.walSenderTimeout, to: .seconds(7))
        lab.set(.maxWALSize, to: 77)
        lab.setImageCompression(.pglz)
        try check()
        #expect(row(client.query("SHOW full_page_writes")) == "off")
        #expect(row(client.query("SHOW wal_sender_timeout")) == "7s")
        #expect(row(client.query("SHOW wal_compression")) == "pglz")
    }

    @Test func `the setting that stands in the log is shown while the primary is down`() throws {
        defer { lab.close() }
        try lab.setFullPageWrites(false)
        _ = try lab.crash("p", deliversWire: true)
        #expect(lab.settings().first { $0.name == "full_page_writes" }?.value == "off")
    }

    @Test func `a node has one version, wherever it says it`() throws {
        defer { lab.close() }
        let client = try ServerTestClient(lab, startsUp: false)
        client.send(.startup(StartupMessage(user: "me")))
        let greeting = client.readUntilReady()
        let version = try #require(row(client.query("SHOW server_version")))
        #expect(greeting.contains(.other("server_version=\(version)")))
        #expect(try shownToReplica("server_version") == version)
        #expect(row(client.query("SELECT version()")) == "PostgreSQL \(version)")
    }
}
