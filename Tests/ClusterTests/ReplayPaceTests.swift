import Cluster
import DatabaseNode
import LabClock
import Testing
import WALFormat

/// A node whose own work takes lab time.
struct ReplayPaceTests {
    private func lab(_ apply: Duration = .zero, fsync: Duration = .zero) throws -> Lab {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        try lab.changeCosts(of: "r1") { $0.apply.record = apply }
        try lab.changeCosts(of: "p") { $0.fsync = fsync }
        return lab
    }

    private func commits(_ lab: Lab) -> Int? { lab.snapshot()["r1"]?.positions?.commits }

    @Test func `a record is replayed when its time is over, however the time was passed`() throws {
        // A change and a COMMIT each: two records of 10 ms.
        for steps in [[100], [50, 50], [19, 1, 1, 79], [7, 7, 7, 7, 72]] {
            let lab = try lab(.milliseconds(10))
            defer { lab.close() }
            _ = try lab.load(20, prefix: "k", on: "p") { _ in .zero }
            #expect(commits(lab) == 0)
            for step in steps { _ = lab.wait(.milliseconds(step)) }
            #expect(commits(lab) == 5, "\(steps)")
            #expect(try lab.read("k:5", on: "r1").value == "5")
            #expect(try lab.read("k:6", on: "r1").value == nil)
            _ = lab.wait(.milliseconds(300))
            #expect(commits(lab) == 20)
        }
    }

    @Test func `what is received and flushed counts as not lost, replayed or not`() throws {
        let lab = try lab(.milliseconds(10))
        defer { lab.close() }
        _ = try lab.load(20, prefix: "k", on: "p") { _ in .zero }
        let standing = lab.look().standing
        #expect(standing.candidates.map(\.cost) == [0])
        let replica = try #require(standing.snapshot["r1"])
        #expect(standing.lag(of: replica)?.commits == 20)
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        #expect(try lab.lost().lost.isEmpty)
        #expect(lab.snapshot().time == LabInstant.start.advanced(by: .milliseconds(400)))
    }

    @Test func `a crash forgets the queue, and recovery replays what is on disk`() throws {
        let lab = try lab(.seconds(1))
        defer { lab.close() }
        _ = try lab.load(20, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.crash("r1", deliversWire: false)
        #expect(lab.snapshot()["r1"]?.has?.commits == 20)
        _ = try lab.restart("r1")
        #expect(commits(lab) == 20)
    }

    @Test func `a slower or quicker pace holds from the next record on`() throws {
        let lab = try lab(.milliseconds(10))
        defer { lab.close() }
        _ = try lab.load(3, prefix: "k", on: "p") { _ in .zero }
        _ = lab.wait(.milliseconds(15))
        try lab.changeCosts(of: "r1") { $0.apply.record = .milliseconds(100) }
        _ = lab.wait(.milliseconds(5))
        #expect(commits(lab) == 1, "the record under way kept its 10 ms")
        _ = lab.wait(.milliseconds(199))
        #expect(commits(lab) == 1)
        try lab.changeCosts(of: "r1") { $0.apply = .none }
        _ = lab.wait(.milliseconds(1))
        #expect(commits(lab) == 3)
    }

    @Test func `an fsync that takes time holds back the OK, and a power loss its commit`() throws {
        let lab = try lab(fsync: .milliseconds(5))
        defer { lab.close() }
        let report = try lab.write("a", "1", on: "p")
        #expect(report.acknowledgedAt == LabInstant.start.advanced(by: .milliseconds(5)))
        #expect(try lab.load(3, prefix: "k", on: "p") { .milliseconds($0) }.acknowledged == 3)
        _ = try lab.checkpoint("p")
    }

    @Test func `what has come to a replica is not lost by its promotion, synced or not`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        try lab.changeCosts(of: "r1") { $0.fsync = .milliseconds(70) }
        _ = try lab.load(5, prefix: "k", on: "p") { .milliseconds(10 * $0) }
        let standing = lab.look().standing
        #expect(standing.snapshot["r1"]?.has?.commits == 0)
        #expect(standing.candidates.map(\.cost) == [0])
        #expect(try lab.promote("r1").loss.lost.isEmpty)
    }

    /// Seed 2441 of the random sessions: the primary, restarted, does not know when the commits
    /// were made that the replica has not replayed, and counted what had come as not come.
    @Test func `that is known also of a primary that was restarted`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        for _ in 0..<2 {
            _ = try lab.crash("p", deliversWire: false)
            _ = try lab.restart("p")
            try lab.changeCosts(of: "r1") { $0.fsync = .seconds(1) }
            _ = try lab.checkpoint("p")
        }
        _ = try lab.crash("r1", deliversWire: false)
        _ = try lab.write("d", "0", on: "p")
        _ = try lab.restart("r1")
        let standing = lab.look().standing
        #expect(standing.snapshot["r1"]?.has?.commits == 0)
        #expect(standing.candidates.map(\.cost) == [0])
        #expect(try lab.promote("r1").loss.lost.isEmpty)
    }

    @Test func `replay reports when it has caught up, and not at every record`() throws {
        let lab = try lab(.milliseconds(10))
        defer { lab.close() }
        _ = try lab.load(20, prefix: "k", on: "p") { _ in .zero }
        let sent = lab.snapshot()["r1"]?.positions?.flush
        _ = lab.wait(.milliseconds(399))
        #expect(lab.snapshot()["p"]?.senders.first?.replay != sent)
        _ = lab.wait(.milliseconds(1))
        #expect(lab.snapshot()["p"]?.senders.first?.replay == sent)
    }
}
