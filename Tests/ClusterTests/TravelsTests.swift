import Cluster
import LabClock
import Testing

/// How far a lost record got is a fact: no later event changes it.
struct TravelsTests {
    private static func lab() throws -> Lab {
        try Lab(LabOptions(replicas: 2, usesMemory: true))
    }

    @Test(arguments: [false, true])
    func `bytes on the wire are there whether or not their sender dies`(crashes: Bool) throws {
        let lab = try Self.lab()
        defer { lab.close() }
        for replica in ["r1", "r2"] { try lab.setDelay(.seconds(5), of: replica) }
        _ = try lab.write("a", "1", on: "p")
        if crashes { _ = try lab.crash("p", deliversWire: false) }
        let loss = try lab.promote("r1").loss
        #expect(loss.lost.map(\.reached) == [.send(towards: ["r1", "r2"])])
    }

    @Test func `what one timeline's bytes reached says nothing of another's`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        _ = try lab.restart("p")
        _ = try lab.write("b", "9", on: "p")
        #expect(try lab.lost().lost.map(\.reached) == [.ack])
        _ = try lab.baseBackup(of: "p")
        _ = try lab.crash("r1", deliversWire: false)
        #expect(try lab.promote("p").loss.lost.map(\.reached) == [.ack])
    }

    @Test func `a replica had received it, though it is the survivor since`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.setDelay(.milliseconds(800), of: "r2")
        _ = try lab.write("b", "1", on: "p")
        _ = try lab.crash("p", deliversWire: false)
        #expect(try lab.promote("r2").loss.lost.map(\.reached) == [.receive(on: ["r1"])])
        _ = try lab.baseBackup(of: "r1")
        _ = try lab.crash("r2", deliversWire: false)
        #expect(try lab.promote("r1").loss.lost.map(\.reached) == [.receive(on: ["r1"])])
    }

    @Test func `a cut link takes back nothing`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        for replica in ["r1", "r2"] { try lab.setDelay(.seconds(5), of: replica) }
        _ = try lab.write("a", "1", on: "p")
        for replica in ["r1", "r2"] { try lab.partition(replica) }
        #expect(lab.wait(.seconds(90)))
        #expect(try lab.promote("r1").loss.lost.map(\.reached) == [.send(towards: ["r1", "r2"])])
    }
}

/// Whose disks still hold what is lost.
struct LastCopiesTests {
    @Test func `a disk holds what came there with a base backup`() throws {
        let lab = try Lab(LabOptions(replicas: 2, usesMemory: true))
        defer { lab.close() }
        try lab.partition("r1")
        _ = try lab.write("k", "1", on: "p")
        _ = try lab.load(30, prefix: "x", on: "p") { _ in Duration.zero }
        _ = try lab.stop("p")
        _ = try lab.promote("r2")
        _ = try lab.baseBackup(of: "p")
        #expect(try lab.lastCopies(on: "p").isEmpty)
        let loss = try lab.promote("r1").loss
        #expect(loss.lost.count == 31)
        #expect(loss.lost.allSatisfy { $0.disks == ["p", "r2"] })
        _ = try lab.baseBackup(of: "r2")
        #expect(try lab.lastCopies(on: "p").count == 31)
        _ = try lab.baseBackup(of: "p")
        #expect(try lab.lastCopies(on: "p").isEmpty)
        #expect(try lab.lost().lost.allSatisfy { $0.disks.isEmpty })
    }
}
