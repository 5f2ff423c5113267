import Cluster
import DatabaseNode
import LabClock
import Storage
import Testing
import WALFormat

/// Wires cut and healed, nodes crashed, stopped and brought back.
struct FaultTests {
    private let lab: Lab

    init() throws {
        lab = try watchedLab(LabOptions())
    }

    private func flush(_ node: String) throws -> LSN {
        try #require(lab.snapshot()[node]?.positions).flush
    }

    @Test(arguments: [0, 1, 3, 500])
    func `after a partition exactly the gap is shipped, and nothing twice`(commits: Int) throws {
        defer { lab.close() }
        _ = try lab.load(10, prefix: "before", on: "p") { _ in .zero }
        let behind = try flush("r1")
        try lab.partition("r1")
        _ = try lab.load(commits, prefix: "k", on: "p") { _ in .zero }
        let ahead = try flush("p")
        let report = try lab.reconnect("r1")
        #expect(report.isCaughtUp)
        #expect(report.resumedAt == behind)
        #expect(report.caughtUpAt == ahead)
        #expect(report.byteCount == ahead - behind)
        #expect(report.commitCount == commits)
        #expect(report.appliedTwice == 0)
        #expect(try flush("r1") == ahead)
    }

    @Test func `a healed wire delivers what it held, in order`() throws {
        defer { lab.close() }
        try lab.partition("r1")
        _ = try lab.load(25, prefix: "k", on: "p") { _ in .zero }
        #expect(try flush("r1") < flush("p"))
        #expect(try lab.heal("r1"))
        #expect(try flush("r1") == flush("p"))
        #expect(try lab.heal("r1") == false)
    }

    @Test func `what a crash leaves on the wire arrives if only the node died`() throws {
        defer { lab.close() }
        try lab.setDelay(.milliseconds(500), of: "r1")
        _ = try lab.load(5, prefix: "k", on: "p") { _ in .zero }
        let report = try lab.crash("p", deliversWire: true)
        #expect(report.lostOnWire.map(\.replica) == ["r1"])
        #expect(report.lostOnWire.allSatisfy { $0.isDelivered })
        #expect(lab.wait(.milliseconds(500)))
        #expect(try lab.promote("r1").loss.lost.isEmpty)
    }

    @Test func `a crashed primary comes back with everything it acknowledged`() throws {
        defer { lab.close() }
        _ = try lab.load(200, prefix: "k", on: "p") { _ in .zero }
        let before = try flush("p")
        _ = try lab.crash("p", deliversWire: false)
        let report = try lab.restart("p")
        #expect(report.recovery.end == before)
        #expect(report.recovery.recordsReplayed > 400)
        #expect(try lab.lost().lost.isEmpty)
        #expect(lab.wait(.seconds(5)))
        #expect(try flush("r1") == flush("p"))
    }

    @Test func `a replica that was away catches up from its own disk's end`() throws {
        defer { lab.close() }
        _ = try lab.load(50, prefix: "a", on: "p") { _ in .zero }
        _ = try lab.crash("r2", deliversWire: false)
        _ = try lab.load(50, prefix: "b", on: "p") { _ in .zero }
        _ = try lab.restart("r2")
        #expect(try flush("r2") == flush("p"))
        #expect(try lab.read("b:50", on: "r2").value == "50")
    }

    @Test func `writes to an old primary that came back are lost to the new one`() throws {
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        _ = try lab.restart("p")
        _ = try lab.write("zombie", "1", on: "p")
        let loss = try lab.lost()
        #expect(loss.survivor == "r1")
        #expect(loss.lost.map(\.key) == ["zombie"])
        #expect(loss.lost.map(\.reached) == [.ack])
    }

    @Test func `a clean stop waits for a replica that is cut off, and then for it no longer`()
        throws
    {
        defer { lab.close() }
        try lab.partition("r1")
        _ = try lab.write("a", "1", on: "p")
        let report = try lab.stop("p")
        #expect(report.confirmed == ["r2"])
        #expect(report.unconfirmed == ["r1"])
        #expect(report.took == Lab.patience)
    }

    @Test func `two promotions after one crash never share a timeline`() throws {
        defer { lab.close() }
        try lab.setDelay(.milliseconds(100), of: "r1")
        _ = try lab.load(3, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.crash("p", deliversWire: false)
        #expect(try lab.promote("r1").timeline == Timeline(2))
        #expect(try lab.promote("r2").timeline == Timeline(3))
    }

    @Test func `a value larger than a page's room is refused, and the node goes on`() throws {
        defer { lab.close() }
        #expect(throws: LabFailure.self) {
            try lab.write("big", String(repeating: "x", count: 9_000), on: "p")
        }
        #expect(try lab.write("small", "1", on: "p").rowCount == 1)
        #expect(try lab.lost().acknowledgedCount == 1)
    }
}
