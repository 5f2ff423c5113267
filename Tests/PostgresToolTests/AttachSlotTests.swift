import Cluster
import DatabaseNode
import LabClock
import Replication
import Testing
import WALFormat
import WireProtocol

/// What the lab keeps for an unmodified PostgreSQL, and what it knows to be on it.
@Suite(.serialized, .enabled(if: PostgresTools.areWanted, "PostgreSQL 15 is not installed"))
struct AttachSlotTests: StandbyJudge {
    private func slot(_ name: String, _ lab: Lab) -> SlotView? {
        lab.retention().first?.slots.first { $0.name == name }
    }

    @Test func `a slot keeps the log that it needs while it is away`() throws {
        try withStandby { lab, _ in
            try lab.createSlot("kept", on: "p")
            try lab.useSlot("kept", on: "pg")
            #expect(slot("kept", lab)?.usedBy == "pg")
            #expect(lab.snapshot()["pg"]?.slot == "kept")
            let before = try #require(slot("kept", lab)?.restart)
            try lab.partition("pg")
            #expect(lab.wait(.seconds(120)))
            #expect(slot("kept", lab)?.usedBy == nil)
            try fill(lab, "a")
            #expect(slot("kept", lab)?.restart == before)
            #expect(try #require(lab.retention().first).oldest <= before)
            _ = try lab.heal("pg")
            #expect(standing("pg", lab) == flush(of: "p", lab))
            #expect(try rowCount(on: lab) == "300")
            #expect(slot("kept", lab)?.restart == lab.snapshot()["p"]?.positions?.flush)
        }
    }

    @Test func `it leaves its slot, and is told when there is none`() throws {
        try withStandby(replicas: 2) { lab, _ in
            #expect(throws: LabFailure.noSuchSlot("none", node: "p")) {
                try lab.useSlot("none", on: "pg")
            }
            try lab.createSlot("one", on: "r1")
            _ = try lab.follow("pg", "r1")
            try lab.useSlot("one", on: "pg")
            _ = try lab.follow("pg", "p")
            #expect(lab.snapshot()["pg"]?.refusal?.code == .undefinedObject)
            try lab.createSlot("one", on: "p")
            #expect(slot("one", lab)?.usedBy == "pg")
            #expect(lab.snapshot()["pg"]?.refusal == nil)
            try lab.useSlot(nil, on: "pg")
            #expect(slot("one", lab)?.usedBy == nil)
            try lab.dropSlot("one", on: "p")
            _ = try lab.write("a", "1", on: "p")
            #expect(standing("pg", lab) == flush(of: "p", lab))
        }
    }

    @Test func `one without a slot is named where the log it needs is to go`() throws {
        try withStandby { lab, _ in
            try lab.partition("pg")
            try fill(lab, "a")
            let unprotected = try #require(lab.retention().first).unprotected
            #expect(unprotected.map(\.replica) == ["pg"])
            #expect(unprotected.first?.isGone == true)
        }
    }

    @Test func `a lost record that it alone has made durable is named as received by it`() throws {
        try withStandby { lab, _ in
            try lab.partition("r1")
            _ = try lab.write("received", "1", on: "p")
            try lab.setDelay(.milliseconds(500), of: "pg")
            _ = try lab.write("sent", "1", on: "p")
            let crash = try lab.crash("p", deliversWire: false)
            #expect(crash.lostOnWire.map(\.replica) == ["pg", "r1"])
            let loss = try lab.promote("r1").loss
            #expect(loss.lost.map(\.key) == ["received", "sent"])
            #expect(
                loss.lost.map(\.reached) == [.receive(on: ["pg"]), .send(towards: ["pg", "r1"])])
            // It has it, as its own table says; the other died on its link.
            #expect(try rows(on: lab) == ["received=1"])
            try lab.setDelay(.zero, of: "pg")
            _ = try lab.baseBackupPostgres()
            #expect(try rows(on: lab) == [])
            // How far a record got does not change when its place is wiped.
            #expect(reached(try lab.lost()) == .receive(on: ["pg"]))
            try lab.detach()
            #expect(reached(try lab.lost()) == .receive(on: ["pg"]))
        }
    }

    @Test func `a lost record that its base backup held counts as received`() throws {
        try withStandby(isAttached: false) { lab, _ in
            try lab.partition("r1")
            _ = try lab.write("early", "1", on: "p")
            _ = try lab.attach()
            _ = try lab.crash("p", deliversWire: false)
            #expect(reached(try lab.promote("r1").loss) == .receive(on: ["pg"]))
            #expect(try rows(on: lab) == ["early=1"])
        }
    }

    /// Its upstream's end comes with the last bytes, so nobody hears of them before it connects to
    /// another.
    @Test func `what the wire delivers after a crash is on it, once it says so`() throws {
        try withStandby { lab, _ in
            try lab.partition("r1")
            try lab.setDelay(.milliseconds(500), of: "pg")
            _ = try lab.write("late", "1", on: "p")
            _ = try lab.crash("p", deliversWire: true)
            #expect(lab.wait(.milliseconds(500)))
            try lab.setDelay(.zero, of: "pg")
            #expect(reached(try lab.promote("r1").loss) == .receive(on: ["pg"]))
            #expect(try rows(on: lab) == ["late=1"])
        }
    }

    @Test func `a clean stop leaves it with all of the log, replayed`() throws {
        for _ in 0..<5 {
            try withStandby { lab, _ in
                _ = try lab.write("a", "1", on: "p")
                #expect(try lab.stop("p").confirmed == ["pg", "r1"])
                #expect(standing("pg", lab) == standing("r1", lab))
            }
        }
    }
}
