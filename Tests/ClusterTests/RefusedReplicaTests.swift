import Replication
import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode

/// A replica that cannot follow its upstream looks at it again, and streams by itself once it can.
struct RefusedReplicaTests {
    private static func lab(replicas: Int) throws -> Lab {
        try watchedLab(LabOptions(replicas: replicas, usesMemory: true))
    }

    private func reception(_ node: String, _ lab: Lab) -> Reception? {
        lab.snapshot()[node]?.reception
    }

    private func isRefused(_ node: String, _ lab: Lab) -> Bool {
        if case .stopped? = reception(node, lab) { true } else { false }
    }

    private func refusals(of node: String, _ lab: Lab) -> Int {
        lab.takeEvents().filter { event in
            if case .node(.receiver(.stopped)) = event.kind { event.node == node } else { false }
        }.count
    }

    /// `r1` is promoted without the last commits, which `r2` has.
    private func diverge(_ lab: Lab) throws {
        try lab.setDelay(.milliseconds(500), of: "r1")
        _ = try lab.load(10, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        #expect(isRefused("r2", lab))
    }

    @Test func `an upstream that gets to the replica's timeline is followed within the interval`()
        throws
    {
        let lab = try Self.lab(replicas: 3)
        defer { lab.close() }
        try lab.partition("r3")
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        // r3 knows nothing of timeline 2, on which r2 is.
        _ = try lab.follow("r2", "r3")
        #expect(isRefused("r2", lab))
        #expect(lab.wait(.seconds(7)))
        #expect(isRefused("r2", lab))
        _ = try lab.heal("r3")
        #expect(lab.wait(.milliseconds(2999)))
        #expect(isRefused("r2", lab), "it looks every five seconds")
        #expect(lab.wait(.milliseconds(1)))
        #expect(reception("r2", lab) == .streaming)
        _ = try lab.write("a", "1", on: "r1")
        #expect(try lab.read("a", on: "r2").value == "1")
    }

    @Test func `an upstream whose log is replaced by one it can follow is followed`() throws {
        let lab = try Self.lab(replicas: 3)
        defer { lab.close() }
        try lab.setDelay(.milliseconds(500), of: "r3")
        try diverge(lab)
        #expect(lab.wait(.seconds(6)), "until r3 is on timeline 2")
        _ = try lab.follow("r2", "r3")
        #expect(isRefused("r2", lab))
        // The old primary comes back with what r2 has, and r3 becomes a copy of it.
        _ = try lab.restart("p")
        _ = try lab.write("later", "1", on: "p")
        _ = try lab.baseBackup(of: "r3", from: "p")
        #expect(lab.wait(.seconds(5)))
        #expect(reception("r2", lab) == .streaming)
        #expect(try lab.read("later", on: "r2").value == "1")
    }

    @Test func `a year of being refused is told once, and costs the lab nothing`() throws {
        let lab = try Self.lab(replicas: 2)
        defer { lab.close() }
        try diverge(lab)
        #expect(refusals(of: "r2", lab) == 1)
        #expect(lab.wait(.seconds(8760 * 3600)))
        #expect(isRefused("r2", lab))
        // The upstream is gone for another year, and comes back as it was.
        _ = try lab.crash("r1", deliversWire: false)
        #expect(lab.wait(.seconds(8760 * 3600)))
        _ = try lab.restart("r1")
        #expect(lab.wait(.seconds(10)))
        #expect(isRefused("r2", lab))
        #expect(refusals(of: "r2", lab) == 0)
    }
}
