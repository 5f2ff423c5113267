import SQLServer
import Storage
import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode

/// WAL segments that are used again at a checkpoint, as the lab's nodes do it.
struct RecyclingTests {
    private func counts(_ lab: Lab, of node: String) -> [[Int]] {
        lab.takeEvents().compactMap { event in
            guard event.node == node,
                case .node(.walRemoved(let count, let recycled, _)) = event.kind
            else { return nil }
            return [count, recycled]
        }
    }

    @Test func `old segments are recycled as far as the log will come, the rest is removed`()
        throws
    {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        lab.set(.walKeepSize, to: 20)
        for _ in 0..<2 {
            try lab.fill(segments: 5)
            _ = try lab.checkpoint("p")
        }
        #expect(counts(lab, of: "p").isEmpty)
        lab.set(.walKeepSize, to: 0)
        _ = try lab.checkpoint("p")
        // As much as was written between two checkpoints will be written until the next.
        let counts = try #require(counts(lab, of: "p").first)
        #expect(counts[0] == 10 && (5...7).contains(counts[1]))
        #expect(try lab.checkpoint("r1").removedSegmentCount == 10)
    }

    @Test func `crashes, a promotion and a return in recycled segments lose nothing`() throws {
        let lab = try watchedLab(LabOptions(replicas: 2, usesMemory: true))
        defer { lab.close() }
        for round in 0..<3 {
            try lab.fill(segments: 2)
            _ = try lab.vacuum("p")
            for node in ["p", "r1", "r2"] { _ = try lab.checkpoint(node) }
            _ = try lab.write("round", "\(round)", on: "p")
        }
        for (index, survival) in Survival.allCases.enumerated() {
            _ = try lab.crash("r1", deliversWire: false, survival: survival)
            _ = try lab.write("crash", "\(index)", on: "p")
            _ = try lab.crash("p", deliversWire: false, survival: survival)
            _ = try lab.restart("p")
            _ = try lab.restart("r1")
            // What r2 still needs would go at the checkpoint.
            #expect(lab.wait(.seconds(6)))
            try lab.fill(segments: 1)
            _ = try lab.vacuum("p")
            for node in ["p", "r1", "r2"] { _ = try lab.checkpoint(node) }
        }
        #expect(try lab.diff("p", "r1").outcome == .identical)
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        for _ in 0..<3 {
            try lab.fill(segments: 2, on: "r1")
            _ = try lab.vacuum("r1")
            for node in ["r1", "r2"] { _ = try lab.checkpoint(node) }
        }
        _ = try lab.crash("r1", deliversWire: false)
        _ = try lab.restart("r1")
        _ = try lab.crash("r2", deliversWire: false)
        _ = try lab.restart("r2")
        _ = try lab.write("last", "word", on: "r1")
        #expect(lab.wait(.seconds(30)))
        let last = try lab.diff("r1", "r2")
        #expect(last.outcome == .identical)
        #expect(try lab.lost().lost.isEmpty)
    }

    @Test func `recycled segments need no room on the disk`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0, usesMemory: true))
        defer { lab.close() }
        try lab.fill(segments: 2)
        _ = try lab.checkpoint("p")
        _ = try lab.vacuum("p")
        try lab.setDiskFault(.full, on: "p")
        try lab.fill(segments: 2)
        _ = try lab.write("a", "1", on: "p")
        #expect(throws: LabFailure.self) { try lab.fill(segments: 2) }
        #expect(try lab.lost().lost.isEmpty)
    }
}
