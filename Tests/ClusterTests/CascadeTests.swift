import Replication
import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode

/// Replicas of replicas.
struct CascadeTests {
    private static func lab(replicas: Int = 2, directory: String? = nil) throws -> Lab {
        try watchedLab(
            LabOptions(replicas: replicas, directory: directory, usesMemory: directory == nil))
    }

    private func upstream(_ node: String, _ lab: Lab) -> String? {
        if case .standby(let upstream)? = lab.snapshot()[node]?.role { upstream } else { nil }
    }

    private func flush(_ node: String, _ lab: Lab) -> LSN? {
        lab.snapshot()[node]?.positions?.flush
    }

    @Test func `a replica streams from a replica, and is behind by both links`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        let report = try lab.follow("r2", "r1")
        #expect(report.oldUpstream == "p")
        guard case .follows = report.fate else {
            Issue.record("\(report.fate)")
            return
        }
        #expect(lab.snapshot()["p"]?.senders.map(\.name) == ["r1"])
        #expect(lab.snapshot()["r1"]?.senders.map(\.name) == ["r2"])
        try lab.setDelay(.milliseconds(300), of: "r1")
        try lab.setDelay(.milliseconds(500), of: "r2")
        _ = try lab.write("a", "1", on: "p")
        #expect(lab.wait(.milliseconds(300)))
        #expect(try lab.read("a", on: "r1").value == "1")
        #expect(try lab.read("a", on: "r2").value == nil)
        #expect(lab.wait(.milliseconds(499)))
        #expect(try lab.read("a", on: "r2").value == nil)
        #expect(lab.wait(.milliseconds(1)))
        #expect(try lab.read("a", on: "r2").value == "1")
    }

    @Test func `what the one in the middle has not made durable is not passed on`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.follow("r2", "r1")
        _ = try lab.write("a", "1", on: "p")
        let before = try #require(flush("r2", lab))
        try lab.setDiskFault(.syncError, on: "r1")
        _ = try lab.write("b", "1", on: "p")
        let middle = try #require(lab.snapshot()["r1"]?.positions)
        #expect(middle.write > before, "it arrived")
        #expect(middle.flush == before)
        #expect(flush("r2", lab) == before)
        #expect(try #require(flush("p", lab)) > before)
    }

    @Test func `promoting the one in the middle keeps those behind it on their connections`()
        throws
    {
        let lab = try Self.lab(replicas: 4)
        defer { lab.close() }
        _ = try lab.follow("r2", "r1")
        _ = try lab.follow("r4", "r3")
        _ = try lab.write("a", "1", on: "p")
        _ = lab.takeEvents()
        _ = try lab.crash("p", deliversWire: false)
        let report = try lab.promote("r1")
        #expect(report.others.map(\.name) == ["r2", "r3"])
        #expect(upstream("r4", lab) == "r3")
        let broken = lab.takeEvents().filter { event in
            if case .node(.receiver(.disconnected)) = event.kind { true } else { false }
        }
        #expect(!broken.map(\.node).contains("r2"))
        _ = try lab.write("b", "2", on: "r1")
        for node in ["r2", "r3", "r4"] {
            #expect(try lab.read("b", on: node).value == "2", "\(node)")
            #expect(lab.snapshot()[node]?.positions?.timeline == Timeline(2), "\(node)")
        }
        #expect(report.loss.lost.isEmpty)
    }

    @Test func `promoting the last one turns the chain around`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.follow("r2", "r1")
        _ = try lab.write("a", "1", on: "p")
        _ = try lab.stop("p")
        _ = try lab.promote("r2")
        #expect(upstream("r1", lab) == "r2")
        _ = try lab.write("b", "2", on: "r2")
        #expect(try lab.read("b", on: "r1").value == "2")
    }

    @Test func `nobody follows itself, by however long a way, nor whom it follows already`() throws
    {
        let lab = try Self.lab(replicas: 3)
        defer { lab.close() }
        _ = try lab.follow("r2", "r1")
        _ = try lab.follow("r3", "r2")
        #expect(throws: LabFailure.wouldFollowItself("r1", through: [])) {
            try lab.follow("r1", "r1")
        }
        #expect(throws: LabFailure.wouldFollowItself("r1", through: ["r3", "r2"])) {
            try lab.follow("r1", "r3")
        }
        #expect(throws: LabFailure.followsAlready("r3", upstream: "r2")) {
            try lab.follow("r3", "r2")
        }
        #expect(throws: LabFailure.isPrimary("p")) { try lab.follow("p", "r1") }
        #expect(throws: LabFailure.noSuchNode("r9")) { try lab.follow("r1", "r9") }
        _ = try lab.follow("r3", "p")
        _ = try lab.follow("r1", "r3")
        #expect(lab.snapshot().nodes.dropFirst().allSatisfy { $0.reception == .streaming })
    }

    @Test func `a replica ahead of its new upstream waits until that has caught up`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.setDelay(.seconds(7), of: "r1")
        _ = try lab.write("a", "1", on: "p")
        let report = try lab.follow("r2", "r1")
        guard case .refused = report.fate else {
            Issue.record("\(report.fate)")
            return
        }
        #expect(lab.wait(.seconds(10)))
        #expect(lab.snapshot()["r2"]?.reception == .streaming)
    }

    @Test func `a slot of the one in the middle keeps WAL for the last`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.follow("r2", "r1")
        try lab.createSlot("r2", on: "r1")
        try lab.useSlot("r2", on: "r2")
        _ = try lab.stop("r2")
        try lab.fill(segments: 2)
        _ = try lab.checkpoint("p")
        _ = try lab.checkpoint("r1")
        let retention = lab.retention()
        #expect(retention.first { $0.node == "r1" }?.holder == .slot("r2"))
        #expect(try #require(retention.first?.oldest) > LSN(0x200000))
        _ = try lab.restart("r2")
        #expect(flush("r2", lab) == flush("p", lab))
    }
}
