import DatabaseNode
import LabClock
import Network
import Testing
import WALFormat

@testable import Cluster

/// Reads by policy in a lab: real queries, held against what clients were told.
struct RoutedReadTests {
    private func withLab(replicas: Int = 2, _ body: (Lab) throws -> Void) throws {
        let lab = try watchedLab(LabOptions(replicas: replicas, usesMemory: true))
        defer { lab.close() }
        try body(lab)
    }

    private func read(
        _ key: String, _ policy: ReadPolicy, _ lab: Lab, by reader: LabReader = .writer
    ) throws -> RoutedReport {
        try lab.read(key, via: policy, by: reader)
    }

    @Test func `a replica behind misses the own write, and the other policies do not`() throws {
        try withLab(replicas: 1) { lab in
            try lab.setDelay(.milliseconds(300), of: "r1")
            _ = try lab.write("a", "1", on: "p")
            #expect(lab.wait(.milliseconds(100)))
            let any = try read("a", .any, lab)
            #expect(any.read.node == "r1" && any.read.value == nil)
            #expect(any.missing?.isOwn == true && any.missing?.isLost == false)
            #expect(try read("a", .any, lab, by: .other).missing?.isOwn == false)
            for policy in [ReadPolicy.sticky(.seconds(2)), .token(wait: .zero), .primary] {
                let report = try read("a", policy, lab)
                #expect(report.read.node == "p" && report.read.value == "1" && report.isPrimary)
                #expect(report.missing == nil && report.waited == .zero)
            }
            let waited = try read("a", .token(wait: .milliseconds(500)), lab)
            #expect(waited.read.node == "r1" && waited.read.value == "1")
            #expect(waited.waited == .milliseconds(200) && waited.missing == nil)
            #expect(lab.now == LabInstant(nanoseconds: 300_000_000))
            let counts = lab.readCounts
            #expect(counts[.any].reads == 2 && counts[.any].stale == 2)
            #expect(counts[.any].misses == 1 && counts[.any].primary == 0)
            #expect(counts[.token(wait: .milliseconds(500))].waits == 1)
            #expect(counts[.token(wait: .zero)].primary == 1)
        }
    }

    @Test func `a heartbeat is not the reader's own write`() throws {
        try withLab(replicas: 1) { lab in
            _ = try lab.write("a", "1", on: "p")
            try lab.setDelay(.milliseconds(300), of: "r1")
            lab.setHeartbeatInterval(.seconds(1))
            #expect(lab.wait(.seconds(5)))
            let report = try read("a", .token(wait: .zero), lab)
            #expect(report.read.node == "r1" && report.missing == nil)
            #expect(try read("heartbeat", .any, lab).missing?.isOwn == false)
        }
    }

    @Test func `a wait that ends without a replica ends at the primary`() throws {
        try withLab(replicas: 1) { lab in
            try lab.partition("r1")
            _ = try lab.write("a", "1", on: "p")
            let report = try read("a", .token(wait: .milliseconds(500)), lab)
            #expect(report.read.node == "p" && report.read.value == "1")
            #expect(report.waited == .milliseconds(500))
            // Nothing of it is left to wait for.
            #expect(lab.wait(.seconds(10)))
            #expect(lab.readCounts[.token(wait: .milliseconds(500))].reads == 1)
        }
    }

    @Test func `a replica that is cut off has its turns until one of the ends finds out`() throws {
        try withLab(replicas: 1) { lab in
            try lab.partition("r1")
            _ = try lab.write("a", "1", on: "p")
            #expect(try read("a", .any, lab).missing?.isOwn == true)
            #expect(lab.wait(.seconds(70)))
            let report = try read("a", .any, lab)
            #expect(report.read.node == "p" && report.reason == .noReplicaStreams)
        }
    }

    @Test func `a replica that is down or frozen is passed over`() throws {
        try withLab(replicas: 3) { lab in
            _ = try lab.write("a", "1", on: "p")
            _ = try lab.crash("r1", deliversWire: false)
            try lab.freeze("r2")
            for _ in 0..<2 { #expect(try read("a", .any, lab).read.node == "r3") }
            #expect(throws: LabFailure.isDown("r1", .crashed)) {
                try read("a", .node("r1"), lab)
            }
        }
    }

    @Test func `without a primary a replica answers any, and nobody those that need one`() throws {
        try withLab(replicas: 1) { lab in
            try lab.setDelay(.milliseconds(300), of: "r1")
            _ = try lab.write("a", "1", on: "p")
            _ = try lab.crash("p", deliversWire: false)
            let report = try read("a", .any, lab)
            #expect(report.read.node == "r1" && report.reason == .onlyReplicasAnswer)
            #expect(report.missing?.isLost == false)
            for policy in [ReadPolicy.primary, .sticky(.seconds(2)), .token(wait: .zero)] {
                #expect(throws: LabFailure.isDown("p", .crashed)) { try read("a", policy, lab) }
            }
        }
    }

    @Test func `after a promotion a lost write is never waited for, and is said to be lost`() throws
    {
        try withLab(replicas: 2) { lab in
            try lab.partition("r1")
            try lab.partition("r2")
            _ = try lab.write("a", "1", on: "p")
            _ = try lab.crash("p", deliversWire: false)
            _ = try lab.heal("r1")
            _ = try lab.heal("r2")
            _ = try lab.promote("r1")
            let report = try read("a", .token(wait: .seconds(5)), lab)
            #expect(report.read.node == "r1" && report.waited == .zero)
            guard case .tokenIsLost = report.reason else {
                Issue.record("\(report.reason)")
                return
            }
            #expect(report.missing?.isOwn == true && report.missing?.isLost == true)
            // The next write is on the new timeline, and is found there.
            let lsn = try lab.write("a", "2", on: "r1").lsn
            let next = try read("a", .token(wait: .zero), lab)
            #expect(next.read.node == "r2" && next.read.value == "2" && next.missing == nil)
            guard case .hasToken(let token, _) = next.reason else {
                Issue.record("\(next.reason)")
                return
            }
            #expect(token.position.lsn == lsn && token.position.timeline == Timeline(2))
        }
    }

    @Test func `a replica of the old primary is none of the new one's`() throws {
        try withLab(replicas: 2) { lab in
            try lab.partition("r2")
            _ = try lab.promote("r1")
            // r2 does not know yet, and could stream from p: it is not asked for the new primary's.
            let report = try read("a", .any, lab)
            #expect(report.read.node == "r1" && report.reason == .noReplicaStreams)
        }
    }

    @Test func `^C ends a wait, and leaves nothing behind`() throws {
        try withLab(replicas: 1) { lab in
            try lab.partition("r1")
            _ = try lab.write("a", "1", on: "p")
            _ = lab.onLoop { cluster in
                cluster.lab.stepper.schedule(at: cluster.now.advanced(by: .seconds(1)), owner: "t")
                {
                    cluster.lab.stepper.interrupt()
                }
            }
            #expect(throws: LabFailure.interrupted) {
                try read("a", .token(wait: .seconds(20)), lab)
            }
            #expect(lab.now == LabInstant(nanoseconds: 1_000_000_000))
            #expect(lab.readCounts.policies.isEmpty)
            #expect(lab.wait(.seconds(30)))
            #expect(lab.readCounts.policies.isEmpty)
        }
    }
}

/// Many users at a pace.
struct MixedLoadTests {
    private func load(
        writes: Int, reads: Int, users: Int = 10, every step: Duration,
        _ policies: [ReadPolicy]
    ) -> MixedLoad {
        let span = step * max(1, writes)
        return MixedLoad(
            writes: writes, reads: reads, users: users, prefix: "c", byteCount: 0,
            policies: policies, writeOffset: { step * $0 },
            readOffset: { span * ($0 + 1) / max(1, reads) })
    }

    private func counts(
        seed: UInt64 = 1, delay: Duration, _ load: MixedLoad
    ) throws -> (MixedReport, ended: LabInstant) {
        let lab = try watchedLab(LabOptions(replicas: 1, seed: seed, usesMemory: true))
        defer { lab.close() }
        try lab.setDelay(delay, of: "r1")
        return (try lab.load(load, on: "p"), lab.now)
    }

    @Test func `one post and one get, 100 ms later, on a replica 300 ms behind`() throws {
        let policies: [ReadPolicy] = [.any, .sticky(.seconds(2)), .token(wait: .zero)]
        let one = load(writes: 1, reads: 1, users: 1, every: .milliseconds(100), policies)
        let (report, ended) = try counts(delay: .milliseconds(300), one)
        #expect(report.failure == nil && report.writes.acknowledged == 1)
        #expect(policies.map { report.reads[$0].reads } == [1, 1, 1])
        #expect(policies.map { report.reads[$0].misses } == [1, 0, 0])
        #expect(policies.map { report.reads[$0].primary } == [0, 1, 1])
        #expect(ended == LabInstant(nanoseconds: 100_000_000))
    }

    @Test func `every policy sees the same reads, alone or beside others`() throws {
        let all: [ReadPolicy] = [.any, .token(wait: .zero), .token(wait: .milliseconds(80))]
        let (together, _) = try counts(
            delay: .milliseconds(50), load(writes: 60, reads: 200, every: .milliseconds(10), all))
        for policy in all {
            let (alone, _) = try counts(
                delay: .milliseconds(50),
                load(writes: 60, reads: 200, every: .milliseconds(10), [policy]))
            #expect(alone.reads[policy] == together.reads[policy])
            #expect(alone.reads[policy].reads == 200)
        }
        #expect(together.reads[.any].misses > 0)
        #expect(together.reads[.token(wait: .milliseconds(80))].waits > 0)
        #expect(together.reads[.token(wait: .milliseconds(80))].misses == 0)
    }

    @Test func `another seed reads other keys`() throws {
        let plan = load(writes: 60, reads: 200, every: .milliseconds(10), [.any])
        let results = try (1...4).map { seed in
            try counts(seed: seed, delay: .milliseconds(50), plan).0.reads[.any].stale
        }
        #expect(Set(results).count > 1)
        #expect(
            try counts(seed: 1, delay: .milliseconds(50), plan).0.reads[.any].stale
                == results[0])
    }

    @Test func `what is due at an instant is there for its reads`() throws {
        // Written at 0, there at 50 ms, read at 50 ms.
        let one = load(writes: 1, reads: 1, users: 1, every: .milliseconds(50), [.any])
        let (report, _) = try counts(delay: .milliseconds(50), one)
        #expect(report.reads[.any].stale == 0)
    }

    @Test func `^C ends it where it is, and nothing of it goes on`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        try lab.setDelay(.milliseconds(50), of: "r1")
        _ = lab.onLoop { cluster in
            cluster.lab.stepper.schedule(at: cluster.now.advanced(by: .seconds(1)), owner: "t") {
                cluster.lab.stepper.interrupt()
            }
        }
        let plan = load(
            writes: 1_000, reads: 1_000, every: .milliseconds(10), [.token(wait: .seconds(5))])
        let report = try lab.load(plan, on: "p")
        #expect(report.failure == .interrupted)
        let (writes, reads) = (report.writes.acknowledged, lab.readCounts)
        #expect(writes > 90 && writes < 110 && report.asked < 110)
        #expect(lab.wait(.seconds(20)))
        #expect(lab.readCounts == reads && lab.acknowledgedCount == writes)
    }

    @Test func `reads alone, and writes alone`() throws {
        let (reads, _) = try counts(
            delay: .zero, load(writes: 0, reads: 20, every: .milliseconds(1), [.any]))
        #expect(reads.reads[.any].reads == 20 && reads.writes.acknowledged == 0)
        let (writes, _) = try counts(
            delay: .zero, load(writes: 20, reads: 0, every: .milliseconds(1), [.any]))
        #expect(writes.reads[.any].reads == 0 && writes.writes.acknowledged == 20)
    }

    @Test func `a policy that names a node that is down stops it before it begins`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        _ = try lab.crash("r1", deliversWire: false)
        let plan = load(writes: 5, reads: 5, every: .milliseconds(1), [.node("r1")])
        #expect(throws: LabFailure.isDown("r1", .crashed)) { try lab.load(plan, on: "p") }
        #expect(lab.acknowledgedCount == 0 && lab.now == .start)
    }
}
