import Cluster
import DatabaseNode
import Replication
import Storage
import TestSupport
import Testing
import WALFormat

/// An old primary comes back as a replica, with nothing but its own log.
struct RejoinTests {
    private static func lab() throws -> Lab { try watchedLab(LabOptions(usesMemory: true)) }

    @Test(arguments: [false, true])
    func `one that was stopped streams on from where it ended`(isNamed: Bool) throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.load(50, prefix: "k", on: "p") { _ in .zero }
        let end = try lab.stop("p").flush
        _ = try lab.promote("r1")
        _ = try lab.write("later", "1", on: "r1")
        let report = try lab.rejoin("p", to: isNamed ? "r1" : nil)
        #expect(report.upstream == "r1")
        #expect(report.fate == .follows(from: end))
        #expect(report.recovery.wasCleanlyStopped)
        #expect(report.recovery.recordsReplayed == 0)
        #expect(lab.snapshot()["p"]?.role == .standby(upstream: "r1"))
        #expect(try lab.diff("p", "r1").outcome == .identical)
        #expect(try lab.lost().lost.isEmpty)
        // It is one for good.
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.restart("p")
        #expect(lab.snapshot()["p"]?.reception == .streaming)
        _ = try lab.stop("r1")
        _ = try lab.promote("p")
        #expect(try lab.lost().lost.isEmpty)
    }

    @Test func `one that crashed writes no record of its own`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.load(50, prefix: "k", on: "p") { _ in .zero }
        let end = try lab.crash("p", deliversWire: false).flush
        _ = try lab.promote("r1")
        let report = try lab.rejoin("p")
        #expect(report.recovery.end == end)
        #expect(!report.recovery.wasCleanlyStopped)
        #expect(report.fate == .follows(from: end))
        #expect(try lab.diff("p", "r1").outcome == .identical)
    }

    @Test func `one with WAL of its own is refused, and left as it was`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.partition("r1")
        _ = try lab.write("own", "1", on: "p")
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        let isStill = { try lab.records(of: "p").count }
        let before = try isStill()
        #expect {
            _ = try lab.rejoin("p")
        } throws: { error in
            if case .cannotFollow("p", upstream: "r1", .diverged) = error as? LabFailure {
                true
            } else {
                false
            }
        }
        #expect(try isStill() == before)
        #expect(lab.snapshot()["p"]?.role == .primary)
        _ = try lab.restart("p")
        #expect(try lab.read("own", on: "p").value == "1")
    }

    @Test func `nobody rejoins who is up, or whom nobody has taken over from`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        #expect(throws: LabFailure.isUp("p")) { try lab.rejoin("p", to: "r1") }
        _ = try lab.stop("p")
        #expect(throws: LabFailure.isPrimary("p")) { try lab.rejoin("p") }
        #expect(throws: LabFailure.wouldFollowItself("p", through: ["r1"])) {
            try lab.rejoin("p", to: "r1")
        }
        #expect(throws: LabFailure.wouldFollowItself("p", through: [])) {
            try lab.rejoin("p", to: "p")
        }
    }

    @Test func `a standby that lost its signal is still damaged`() throws {
        let disk = MemoryFileSystem()
        try Initialization.create(
            on: disk, Initialization.Parameters(systemIdentifier: 7, time: .init(microseconds: 0)))
        let setting = StandbySetting(disk)
        try setting.set()
        try setting.takeBack()
        #expect(
            try !Recovery.run(DataDirectory.open(disk), at: .init(microseconds: 0)).database
                .isReadOnly)
    }
}
