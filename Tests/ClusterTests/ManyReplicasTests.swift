import DatabaseNode
import Testing

@testable import Cluster

/// A lab as large as a workshop may want it.
struct ManyReplicasTests {
    @Test func `a hundred replicas stream, and each has what was written`() throws {
        let lab = try Lab(LabOptions(replicas: 100, usesMemory: true))
        defer { lab.close() }
        let report = try lab.load(3, prefix: "k", on: "p") { _ in .zero }
        #expect(report.acknowledged == 3)
        let snapshot = lab.snapshot()
        #expect(snapshot.nodes.count == 101)
        #expect(snapshot.nodes.allSatisfy { $0.positions?.commits == 3 })
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r77")
        #expect(try lab.lost().lost.isEmpty)
    }

    @Test func `more replicas than a lab takes are refused`() {
        let count = LabOptions.replicaLimit + 1
        #expect(throws: LabFailure.tooManyReplicas(count)) {
            try Lab(LabOptions(replicas: count, usesMemory: true))
        }
    }
}
