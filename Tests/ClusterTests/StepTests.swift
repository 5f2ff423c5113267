import DatabaseNode
import Testing
import WALFormat

@testable import Cluster

/// One commit, stage by stage.
struct StepTests {
    private func lab(_ replicas: Int = 2) throws -> Lab {
        try Lab(LabOptions(replicas: replicas, usesMemory: true))
    }

    @Test func `each step is one stage, and nothing is ahead of it`() throws {
        let lab = try lab()
        defer { lab.close() }
        var reports = [try lab.beginSteps("k", "1")]
        while let last = reports.last, !last.isOver {
            let positions = lab.snapshot()["r1"]?.positions
            if last.stage.isOnPrimary { #expect(positions?.write ?? .invalid < last.commit) }
            if last.stage == .receive {
                #expect(positions?.write == last.commit)
                #expect(positions?.flush ?? .invalid < last.commit)
            }
            if last.stage == .persist {
                #expect(positions?.flush == last.commit)
                #expect(positions?.replay ?? .invalid < last.commit)
            }
            reports.append(try lab.step())
        }
        #expect(reports.map(\.stage) == CommitStage.allCases)
        #expect(reports.map { $0.told == .ok } == [false, false, true, true, true, true, true])
        #expect(lab.snapshot().nodes.allSatisfy { $0.state == .up })
        #expect(lab.snapshot().nodes.allSatisfy { $0.positions?.commits == 1 })
        #expect(throws: LabFailure.noCommitIsWatched) { try lab.step() }
    }

    @Test(arguments: 0..<7) func `a crash at each stage leaves nobody stopped`(steps: Int) throws {
        let lab = try lab()
        defer { lab.close() }
        var last = try lab.beginSteps("k", "1")
        for _ in 0..<steps where !last.isOver { last = try lab.step() }
        _ = try lab.crash("p", deliversWire: false)
        #expect(lab.snapshot().nodes.allSatisfy { $0.state != .frozen })
        _ = try lab.promote("r1")
        let survives = try lab.visibleValue(of: "k", on: "r1") == "1"
        #expect(survives == !last.stage.isOnPrimary)
        #expect(try lab.lost().lost.count == (last.told == .ok && !survives ? 1 : 0))
    }

    @Test func `without a replica it ends at the client`() throws {
        let lab = try lab(0)
        defer { lab.close() }
        _ = try lab.beginSteps("k", "1")
        _ = try lab.step()
        #expect(try lab.step().stage == .ack)
        #expect(throws: LabFailure.noCommitIsWatched) { try lab.step() }
        #expect(lab.snapshot()["p"]?.state == .up)
    }

    @Test func `a far replica takes its time`() throws {
        let lab = try lab(1)
        defer { lab.close() }
        try lab.setDelay(.milliseconds(800), of: "r1")
        _ = try lab.beginSteps("k", "1")
        var took: [Duration] = []
        for _ in 0..<6 { took.append(try lab.step().took) }
        #expect(took == [.zero, .zero, .zero, .milliseconds(800), .zero, .zero])
    }
}
