import LabClock
import Replication
import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode

/// Each invariant against a moment that breaks it, made by hand, and whole labs.
struct TruthCheckerTests {
    /// A healthy lab: `p` and two replicas that have all of it.
    private func healthy() -> TruthMoment {
        TruthMoment(
            standing: Standing(
                snapshot([node("p"), node("r1", under: "p"), node("r2", under: "p")]),
                TimelineForks()),
            starts: ["p": 1, "r1": 1, "r2": 1])
    }

    private func snapshot(_ nodes: [LabSnapshot.Node]) -> LabSnapshot {
        LabSnapshot(
            time: .start, primary: "p", openTransaction: nil, members: nodes)
    }

    private func log(_ end: UInt64) -> LogExtent {
        LogExtent(Lineage(of: .first, TimelineHistory()), end: LSN(end))
    }

    private func node(
        _ name: String, under upstream: String? = nil, flush: UInt64 = 200, replay: UInt64? = nil,
        commits: Int = 2, timeline: Timeline = .first, slot: String? = nil,
        senders: [SenderView]? = nil
    ) -> LabSnapshot.Node {
        let (flushed, replayed) = (LSN(flush), LSN(replay ?? flush))
        let streams = ["r1", "r2"].map {
            SenderView(
                name: $0, sent: LSN(200), write: LSN(200), flush: LSN(200), replay: LSN(200))
        }
        return LabSnapshot.Node(
            kind: .node, name: name,
            role: upstream.map { .standby(upstream: $0) } ?? .primary, state: .up,
            positions: NodePositions(
                timeline: timeline, insert: flushed, write: flushed, flush: flushed,
                replay: replayed, commits: commits, lastCommit: nil),
            reception: upstream == nil ? nil : .streaming,
            link: upstream.map { _ in LabSnapshot.Link(at: .start) }, slot: slot,
            room: nil, refusal: nil, senders: senders ?? (upstream == nil ? streams : []),
            has: LabSnapshot.Holding(log: log(flush), commits: commits))
    }

    private func breaches(
        _ nodes: LabSnapshot.Node..., after before: TruthMoment? = nil,
        _ change: (inout TruthMoment) -> Void = { _ in }
    ) -> [String] {
        var moment = healthy()
        if !nodes.isEmpty { moment.standing = Standing(snapshot(nodes), TimelineForks()) }
        change(&moment)
        var checker = TruthChecker()
        if let before { _ = checker.judge(before) }
        return checker.judge(moment).flatMap(\.breaches).map(\.description)
    }

    @Test func `a healthy lab breaks nothing, and shows so`() {
        #expect(breaches() == [])
        #expect(breaches(after: healthy()) == [])
        var checker = TruthChecker()
        #expect(checker.judge(healthy()).allSatisfy { !$0.evidence.isEmpty })
    }

    @Test func `two primaries on one timeline`() {
        #expect(
            breaches(node("p"), node("r1"))
                == ["one primary a timeline: p and r1 both write timeline 1"])
    }

    @Test func `two replicas that follow each other`() {
        let found = breaches(node("p"), node("r1", under: "r2"), node("r2", under: "r1"))
        #expect(found.contains("no circle: r1 follows r2 follows r1"))
    }

    @Test func `logs and tables that differ`() {
        let pair = { (outcome: NodeComparison.Outcome) in
            NodeComparison(
                first: "p", second: "r1", walByteCount: 8, comparedTables: true, outcome: outcome)
        }
        #expect(
            breaches { $0.comparisons = [pair(.logsDiffer("the byte at 0/64"))] }
                == ["equal logs: p and r1 differ in the byte at 0/64"])
        #expect(
            breaches { $0.comparisons = [pair(.tablesDiffer("base/5/16384 at byte 8"))] }
                == ["equal tables: p and r1 differ in base/5/16384 at byte 8"])
        #expect(
            breaches(node("p"), node("r1", under: "p", commits: 1))
                == ["equal tables: p has 2 commits, r1 1"])
    }

    @Test func `a replica that replays what is not durable`() {
        #expect(
            breaches(node("p", flush: 400), node("r1", under: "p", flush: 200, replay: 300))
                == ["positions in order: replay 0/12C of r1 is past flush 0/C8"])
    }

    @Test func `a replica that is past its upstream`() {
        #expect(
            breaches(node("p"), node("r1", under: "p", flush: 300))
                == ["behind its upstream: r1 has 0/12C, and its upstream p ends at 0/C8"])
    }

    @Test func `an upstream that believes too much`() {
        #expect(
            breaches(node("p"), node("r1", under: "p", flush: 100, commits: 1)).first
                == "reports are true: p believes that write of r1 is 0/C8; it is 0/64")
    }

    @Test func `a node that goes back, unless it was started anew`() {
        let shorter = [node("p"), node("r1", under: "p", flush: 200, commits: 1)]
        var before = healthy()
        #expect(
            breaches(shorter[0], shorter[1], after: before).contains(
                "nothing goes back: commits of r1 went back from 2 to 1"))
        before.starts["r1"] = 0
        #expect(
            !breaches(shorter[0], shorter[1], after: before).contains {
                $0.hasPrefix("nothing goes back")
            })
    }

    @Test func `a promotion may leave the piece of a record behind, and nothing replayed`() {
        var before = healthy()
        let replica = node("r1", under: "p", flush: 180, replay: 150)
        before.standing = Standing(
            snapshot([node("p"), replica, node("r2", under: "p")]), TimelineForks())
        let found = { (flush: UInt64, timeline: UInt32) in
            let now = node("r1", flush: flush, timeline: Timeline(timeline))
            return breaches(node("p"), now, node("r2", under: "p"), after: before)
                .filter { $0.hasPrefix("nothing goes back: flush of r1") }.count
        }
        #expect(found(160, 2) == 0)
        #expect(found(140, 2) == 1)
        #expect(found(160, 1) == 1)
    }

    @Test func `an acknowledged commit that is nowhere`() {
        let ledger = acknowledged(at: 300)
        #expect(
            breaches(after: healthy()) { $0.ledger = ledger } == [
                "commits accounted for: k, acknowledged by p at 0/12C on timeline 1, is not in the "
                    + "log of p"
            ])
        #expect(
            breaches {
                $0.ledger = ledger
                $0.loss = loss([])
            } == [
                "commits accounted for: k at 0/12C is not in the log of p, and the ledger does not "
                    + "name it"
            ])
    }

    @Test func `a loss that the ledger names twice`() {
        let record = LostRecord(
            lsn: LSN(300), timeline: .first, node: "p", client: nil, key: "k", value: "v",
            acknowledgedAt: .start, isZombie: false, reached: .ack, disks: [], tables: [],
            isSalvaged: false, lostBy: nil)
        let ledger = acknowledged(at: 300)
        #expect(
            breaches {
                $0.ledger = ledger
                $0.loss = loss([record, record])
            }.count == 1)
        #expect(
            breaches {
                $0.ledger = ledger
                $0.loss = loss([record])
            } == [])
    }

    private func acknowledged(at lsn: UInt64) -> ClientLedger {
        var ledger = ClientLedger()
        let id = ledger.asked(node: "p", key: "k", value: "v", at: .start)
        ledger.learned(
            id,
            .acknowledged(
                ClientLedger.Acknowledgement(lsn: LSN(lsn), timeline: .first, at: .start)))
        return ledger
    }

    private func loss(_ lost: [LostRecord]) -> LossReport {
        LossReport(
            survivor: "p", timeline: .first, fork: nil, lostByteCount: nil, madeAt: .start,
            acknowledgedCount: 1, hasSharedCommits: false, lost: lost,
            failovers: [], unknown: [], failedCount: 0, failedGhosts: [])
    }

    @Test func `a promotion that costs another number than was said`() {
        let cost = { (said: Int?, acknowledged: Int) in
            PromotionCost(
                node: "r1", said: said, commits: 3, acknowledged: acknowledged, lost: 1)
        }
        let text = "costs as said: promoting r1 was said to cost 2 commits, and lost 1"
        #expect(breaches { $0.promotions = [cost(2, 3)] } == [text])
        // What the logs lost is asked too, whatever the ledger has.
        let inLog = { (logLost: Int) in
            PromotionCost(
                node: "r1", said: 2, commits: 3, acknowledged: 0, lost: 0, logLost: logLost)
        }
        #expect(breaches { $0.promotions = [inLog(2)] }.isEmpty)
        for logLost in [1, 3] {
            #expect(breaches { $0.promotions = [inLog(logLost)] }.count == 1)
        }
        #expect(breaches { $0.promotions = [cost(0, 2)] }.count == 1)
        #expect(breaches { $0.promotions = [cost(1, 3), cost(2, 2), cost(nil, 3)] } == [])
    }

    @Test func `a slot past its replica, and one whose WAL is gone`() {
        let replica = node("r1", under: "p", slot: "s")
        let slot = { (restart: UInt64, lostAt: LSN?) in
            RetentionReport(
                node: "p",
                slots: [
                    SlotView(
                        name: "s", isTemporary: false, usedBy: "r1", restart: LSN(restart),
                        lostAt: lostAt, status: nil, heldByteCount: nil, safeByteCount: nil)
                ], oldest: LSN(100), kept: LSN(100), holder: .checkpoint, pinnedByteCount: 0,
                diskByteCountLeft: nil, slotLimitByteCount: nil, unprotected: [])
        }
        #expect(
            breaches(node("p"), replica) { $0.retention = [slot(300, nil)] }
                == ["slots keep WAL: s on p keeps WAL from 0/12C, and r1 has only 0/C8"])
        #expect(
            breaches(node("p"), replica) { $0.retention = [slot(50, nil)] }
                == ["slots keep WAL: s on p keeps WAL from 0/32, and the oldest there is 0/64"])
        #expect(breaches(node("p"), replica) { $0.retention = [slot(50, LSN(50))] } == [])
        #expect(breaches(node("p"), replica) { $0.retention = [slot(200, nil)] } == [])
    }

    @Test func `a wire that holds less than nothing`() {
        #expect(
            breaches { $0.heldByteCounts["r1"] = [0, -3] }
                == ["wires are sane: the wire of r1 holds -3 bytes"])
    }
}

extension TruthCheckerTests {
    private func expectTruth(of lab: Lab, _ truth: inout TruthChecker) {
        let breaches = lab.checkTruth(&truth)
        #expect(breaches == [])
    }

    @Test func `a byte of new log that differs is found once, and only there`() {
        var checker = TruthChecker()
        let bytes = { (node: String, from: LSN, upTo: LSN) in
            (from.rawValue..<upTo.rawValue).map { $0 == 150 && node == "r2" ? 1 : UInt8(0) }
        }
        let compare = { (checker: inout TruthChecker) in
            checker.compareLogs(healthy(), .oneMebibyte) { node, _, from, upTo in
                bytes(node, from, upTo)
            }
        }
        #expect(
            compare(&checker).map(\.outcome) == [.equal, .logsDiffer("the byte at 0/96")])
        #expect(compare(&checker) == [])
    }

    @Test func `a failover that loses commits breaks nothing`() throws {
        let lab = try watchedLab(LabOptions(usesMemory: true))
        defer { lab.close() }
        var truth = TruthChecker()
        expectTruth(of: lab, &truth)
        try lab.setDelay(.seconds(1), of: "r1")
        _ = try lab.load(20, prefix: "k", on: "p", offset: { _ in .zero })
        expectTruth(of: lab, &truth)
        _ = try lab.crash("p", deliversWire: false)
        expectTruth(of: lab, &truth)
        let promotion = try lab.promote("r1")
        #expect(promotion.loss.lost.count == 20)
        expectTruth(of: lab, &truth)
        let reports = lab.verify(&truth)
        #expect(reports.flatMap(\.breaches) == [])
        #expect(
            reports.first { $0.name == "commits accounted for" }?.evidence
                == "20 acknowledged = 0 on r1 + 20 lost")
        #expect(
            reports.first { $0.name == "costs as said" }?.evidence
                == "r1: said 20 commits, lost 20")
    }

    @Test func `a flipped bit of the log is found when all of it is compared`() throws {
        let lab = try watchedLab(LabOptions(usesMemory: true))
        defer { lab.close() }
        var truth = TruthChecker()
        let lsn = try lab.load(3, prefix: "k", on: "p", offset: { _ in .zero }).firstLSN
        let commit = try #require(lsn)
        _ = try lab.stop("r1")
        _ = try lab.damage("r1", .walBit(at: LSN(commit.rawValue - 20)))
        expectTruth(of: lab, &truth)
        let breaches = lab.verify(&truth).flatMap(\.breaches)
        #expect(breaches.map(\.nodes) == [["p", "r1"]])
        #expect(breaches.map(\.invariant) == ["equal logs"])
    }
}
