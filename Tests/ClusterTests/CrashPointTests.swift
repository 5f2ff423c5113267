import DatabaseNode
import Testing

@testable import Cluster

/// A node's power goes when its next commit has come so far, and no further.
struct CrashPointTests {
    /// What the client knows, whether the old disk has it, and whether a replica does.
    private struct Outcome: Hashable {
        var isTold: Bool
        var isOnOldDisk: Bool
        var isOnReplica: Bool
    }

    private static let outcomes: [(CommitStage, Outcome)] = [
        (.insert, Outcome(isTold: false, isOnOldDisk: false, isOnReplica: false)),
        (.flush, Outcome(isTold: false, isOnOldDisk: true, isOnReplica: false)),
        (.ack, Outcome(isTold: true, isOnOldDisk: true, isOnReplica: false)),
        (.send, Outcome(isTold: true, isOnOldDisk: true, isOnReplica: false)),
        (.receive, Outcome(isTold: true, isOnOldDisk: true, isOnReplica: true)),
        (.persist, Outcome(isTold: true, isOnOldDisk: true, isOnReplica: true)),
        (.apply, Outcome(isTold: true, isOnOldDisk: true, isOnReplica: true)),
    ]

    @Test(arguments: outcomes, [true, false])
    private func `each stage has its own outcome`(
        _ expected: (stage: CommitStage, outcome: Outcome), isInMemory: Bool
    ) throws {
        let lab = try Lab(LabOptions(replicas: 2, usesMemory: isInMemory))
        defer { lab.close() }
        _ = try lab.write("before", "0", on: "p")
        try lab.crash("p", after: expected.stage, deliversWire: false)
        let told = try? lab.write("k", "1", on: "p")
        #expect(lab.snapshot()["p"]?.state == .crashed)
        #expect(lab.snapshot().nodes.allSatisfy { $0.state != .frozen })
        _ = try lab.promote("r1")
        _ = try lab.restart("p")
        #expect(
            Outcome(
                isTold: told != nil, isOnOldDisk: try lab.visibleValue(of: "k", on: "p") == "1",
                isOnReplica: try lab.visibleValue(of: "k", on: "r1") == "1") == expected.outcome)
    }

    @Test func `what was sent arrives if the wire delivers`() throws {
        let lab = try Lab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        try lab.crash("p", after: .send, deliversWire: true)
        _ = try lab.write("k", "1", on: "p")
        #expect(try lab.visibleValue(of: "k", on: "r1") == "1")
    }

    @Test(arguments: [CommitStage.receive, .persist, .apply])
    func `a replica is stopped on its own way`(stage: CommitStage) throws {
        let lab = try Lab(LabOptions(replicas: 2, usesMemory: true))
        defer { lab.close() }
        try lab.crash("r1", after: stage, deliversWire: false)
        _ = try lab.write("k", "1", on: "p")
        let seen = lab.snapshot()
        #expect(seen["r1"]?.state == .crashed)
        #expect(seen["p"]?.state == .up)
        #expect(seen["r2"]?.positions?.commits == 1)
        _ = try lab.restart("r1")
        #expect(try lab.visibleValue(of: "k", on: "r1") == "1")
    }

    @Test func `it waits for the next commit, and can be taken back`() throws {
        let lab = try Lab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        try lab.crash("p", after: .ack, deliversWire: false)
        #expect(lab.wait(.seconds(600)))
        #expect(lab.snapshot()["p"]?.state == .up)
        #expect(throws: LabFailure.commitIsWatched(node: "p")) {
            try lab.crash("p", after: .send, deliversWire: false)
        }
        try lab.crash("p", after: nil, deliversWire: false)
        _ = try lab.write("k", "1", on: "p")
        #expect(lab.snapshot()["p"]?.state == .up)
        #expect(throws: LabFailure.noCommitIsWatched) {
            try lab.crash("p", after: nil, deliversWire: false)
        }
        #expect(throws: LabFailure.isReplica("r1")) {
            try lab.crash("r1", after: .ack, deliversWire: false)
        }
    }
}
