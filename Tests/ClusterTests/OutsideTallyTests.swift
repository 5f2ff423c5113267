import Testing

@testable import Cluster
@testable import DatabaseNode

/// What outside programs did, as the prompt counts it.
@Suite struct OutsideTallyTests {
    @Test func `the lab's own connections do not count`() throws {
        let lab = try Lab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        _ = lab.wait(.seconds(100))
        #expect(lab.takeOutsideTally().isEmpty)
    }

    @Test func `connections, statements, rows and refusals count once`() throws {
        let lab = try Lab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        lab.settle()
        let client = try ServerTestClient(lab)
        _ = client.query("INSERT INTO kv VALUES ('a', '1'), ('b', '2')")
        _ = client.query("UPDATE kv SET value = '3'")
        _ = client.query("SELECT * FROM kv")
        _ = client.query("nonsense")
        let replica = try ServerTestClient(lab, "r1")
        _ = replica.query("INSERT INTO kv VALUES ('c', '1')")
        let tally = lab.takeOutsideTally()
        #expect(tally.connections == 2)
        #expect(tally.statements == 5)
        #expect(tally.rowsChanged == 4)
        #expect(tally.refused == 0)
        #expect(lab.takeOutsideTally().isEmpty)
        _ = client.query("DELETE FROM kv")
        // A crash takes the process, and not what was done to it.
        _ = try lab.crash("p", deliversWire: false)
        #expect(lab.takeOutsideTally().rowsChanged == 2)
    }

    @Test func `whom there was no room for is counted`() throws {
        let lab = try Lab(LabOptions(replicas: 0, usesMemory: true))
        defer { lab.close() }
        let clients = try (0...OutsideRoom.full.sessions).map { _ in try ServerTestClient(lab) }
        defer { for client in clients { client.hangUp() } }
        #expect(lab.takeOutsideTally().refused == 1)
    }
}
