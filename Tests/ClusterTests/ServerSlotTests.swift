import Cluster
import DatabaseNode
import SQLServer
import Storage
import Testing
import WireProtocol

/// Slots as SQL and the replication commands have them.
struct ServerSlotTests {
    @Test func `SQL makes, shows and drops slots`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        let create = "SELECT pg_create_physical_replication_slot"
        #expect(client.query("\(create)('a')") == [.row(["(a,)"]), .tag("SELECT 1"), .ready("I")])
        #expect(
            client.query("\(create)('b', true)")
                == [.row(["(b,0/100028)"]), .tag("SELECT 1"), .ready("I")])
        #expect(client.query("\(create)('b', true)") == [.error("42710"), .ready("I")])
        #expect(client.query("\(create)('B')") == [.error("42602"), .ready("I")])
        #expect(client.query("\(create)(NULL)").first == .row([nil]))
        #expect(
            client.query(
                "SELECT slot_name, slot_type, active, restart_lsn, wal_status "
                    + "FROM pg_replication_slots")
                == [
                    .row(["a", "physical", "f", nil, nil]),
                    .row(["b", "physical", "f", "0/100028", "reserved"]), .tag("SELECT 2"),
                    .ready("I"),
                ])
        #expect(
            client.query("SELECT pg_drop_replication_slot('a')")
                == [.row([""]), .tag("SELECT 1"), .ready("I")])
        #expect(
            client.query("SELECT pg_drop_replication_slot('a')") == [.error("42704"), .ready("I")])
        #expect(lab.retention().first?.slots.map(\.name) == ["b"])
    }

    @Test func `a temporary slot goes with the session that made it`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        _ = client.query("SELECT pg_create_physical_replication_slot('t', true, true)")
        let other = try ServerTestClient(lab)
        let query = "SELECT temporary, active FROM pg_replication_slots"
        #expect(other.query(query).first == .row(["t", "t"]))
        #expect(
            other.query("SELECT pg_drop_replication_slot('t')") == [.error("55006"), .ready("I")])
        client.send(.terminate)
        #expect(client.next() == nil)
        #expect(other.query(query) == [.tag("SELECT 0"), .ready("I")])
    }

    @Test func `what a session is told of a slot has reached the disk`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0, usesMemory: true))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        _ = client.query("SELECT pg_create_physical_replication_slot('a', true)")
        _ = client.query("SELECT pg_create_physical_replication_slot('b', true)")
        _ = client.query("SELECT pg_drop_replication_slot('a')")
        _ = try lab.crash("p", deliversWire: false, survival: .nothing)
        _ = try lab.restart("p")
        #expect(lab.retention().first?.slots.map(\.name) == ["b"])
        #expect(lab.retention().first?.slots.first?.restart != nil)
    }

    @Test func `a session that cannot be told the truth is ended`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0, usesMemory: true))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        try lab.setDiskFault(.syncError, on: "p")
        let said = client.query("SELECT pg_create_physical_replication_slot('a', true)")
        #expect(said.last == .error("!58030"))
        #expect(client.isHungUpOn)
    }

    @Test func `sizes are shown in PostgreSQL's units and set at the prompt alone`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        #expect(client.query("SHOW wal_keep_size").first == .row(["0"]))
        #expect(client.query("SHOW max_slot_wal_keep_size").first == .row(["-1"]))
        lab.set(.walKeepSize, to: 2048)
        lab.set(.maxSlotWALKeepSize, to: 3)
        #expect(client.query("SHOW wal_keep_size").first == .row(["2GB"]))
        #expect(client.query("SHOW max_slot_wal_keep_size").first == .row(["3MB"]))
        #expect(client.query("SET wal_keep_size = '1MB'") == [.error("55P02"), .ready("I")])
    }
}
