import Glibc
import Testing
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// Clients that commit at once share an fdatasync, and each hears OK only after the one that covers
/// its COMMIT record. The disk is held at each sync, so that nothing here depends on time.
struct GroupCommitTests {
    private static let clientCount = 32

    @Test func `thirty-two commits at once take two fdatasyncs, and none is told OK too soon`()
        throws
    {
        let scene = try HeldDisk(clientCount: Self.clientCount)
        let all = 0..<Self.clientCount
        for round in 1...3 {
            try scene.commitAll(round)
            // The first sync covers one COMMIT and is not over: nobody has heard anything.
            #expect(all.allSatisfy { !scene.clients[$0].hasAnswer })
            scene.gate.letPass()
            scene.gate.waitForArrival()
            #expect(scene.clients[0].readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
            // The second covers all the others' and is not over.
            #expect(try scene.waitingCount() == Self.clientCount - 1)
            #expect(all.allSatisfy { !scene.clients[$0].hasAnswer })
            scene.gate.letPass()
            for number in all.dropFirst() {
                let said = scene.clients[number].readUntilReady()
                #expect(said == [.tag("INSERT 0 1"), .ready("I")])
            }
            #expect(scene.gate.arrivals == 2 * round)
            #expect(try scene.durableRows().isSuperset(of: scene.keys(all, round)))
        }
    }

    @Test func `thirty-two commits that one client sends at once take two fdatasyncs as well`()
        throws
    {
        let scene = try HeldDisk(clientCount: 1)
        let client = scene.clients[0]
        for number in 0..<32 { client.send(.query("INSERT INTO kv VALUES ('k\(number)', 'v')")) }
        scene.gate.waitForArrival()
        try scene.waitUntilWaiting(32)
        scene.gate.letPass()
        scene.gate.waitForArrival()
        #expect(client.readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
        #expect(!client.hasAnswer)
        scene.gate.letPass()
        for _ in 1..<32 { #expect(client.readUntilReady() == [.tag("INSERT 0 1"), .ready("I")]) }
        #expect(scene.gate.arrivals == 2)
        #expect(try scene.durableRows().count == 32)
    }

    @Test func `nobody sees a commit before the fdatasync that covers it`() throws {
        let scene = try HeldDisk(clientCount: Self.clientCount)
        let reader = try ServerTestClient(scene.lab)
        func seen() -> Set<String> {
            Set(
                reader.query("SELECT key FROM kv").compactMap { said in
                    if case .row(let values) = said { values[0] } else { nil }
                })
        }
        try scene.commitAll(1)
        #expect(seen().isEmpty)
        #expect(reader.query("SELECT count(*) FROM kv").first == .row(["0"]))
        scene.gate.letPass()
        scene.gate.waitForArrival()
        _ = scene.clients[0].readUntilReady()
        #expect(seen() == ["k0:1"])
        scene.gate.letPass()
        for client in scene.clients.dropFirst() { _ = client.readUntilReady() }
        #expect(seen() == scene.keys(0..<Self.clientCount, 1))
    }

    /// Told of a row that is not durable, it would have seen it.
    @Test func `a change that finds nothing to do waits for the commit that left it nothing`()
        throws
    {
        let scene = try HeldDisk(clientCount: Self.clientCount)
        scene.clients[0].send(.query("INSERT INTO kv VALUES ('a', '1')"))
        scene.gate.waitForArrival()
        scene.clients[1].send(.query("INSERT INTO kv VALUES ('a', '2') ON CONFLICT DO NOTHING"))
        try scene.waitUntilWaiting(2)
        #expect(!scene.clients[1].hasAnswer)
        scene.gate.open()
        #expect(scene.clients[0].readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
        #expect(scene.clients[1].readUntilReady() == [.tag("INSERT 0 0"), .ready("I")])
    }

    /// Whoever ends the segment waits behind those who committed after he did.
    @Test func `a segment ended long before its Sync keeps nobody's order`() throws {
        let scene = try HeldDisk(clientCount: Self.clientCount)
        let client = scene.clients[0]
        client.send(
            .parse(Parse(query: "SELECT pg_switch_wal()")), .bind(Bind()),
            .execute(portal: "", maximumRows: 0), .flush)
        #expect(client.next() == .parseComplete)
        scene.clients[1].send(.query("INSERT INTO kv VALUES ('a', '1')"))
        scene.gate.waitForArrival()
        scene.clients[2].send(.query("INSERT INTO kv VALUES ('b', '1')"))
        try scene.waitUntilWaiting(2)
        client.send(.sync)
        try scene.waitUntilWaiting(3)
        scene.gate.open()
        #expect(client.readUntilReady().last == .ready("I"))
        for other in scene.clients[1...2] {
            #expect(other.readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
        }
    }

    @Test func `when the shared fdatasync fails nobody is told OK, and nobody sees a commit of it`()
        throws
    {
        let scene = try HeldDisk(clientCount: Self.clientCount)
        try scene.commitAll(1)
        scene.gate.letPass()
        scene.gate.waitForArrival()
        #expect(scene.clients[0].readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
        scene.gate.fail(with: EIO)
        for client in scene.clients.dropFirst() {
            #expect(client.readUntilReady() == [.error("!58030")])
            #expect(client.isHungUpOn)
        }
        let reader = try ServerTestClient(scene.lab)
        #expect(reader.query("SELECT key FROM kv").first == .row(["k0:1"]))
        #expect(reader.query("SELECT count(*) FROM kv").first == .row(["1"]))
        #expect(reader.query("DELETE FROM kv").first == .error("58030"))
        #expect(scene.lab.snapshot()["p"]?.positions?.commits == 1)
        #expect(try scene.durableRows() == ["k0:1"])
    }
}
