import LabClock
import Testing
import WALFormat

@testable import Cluster

/// The router as a dialogue: how the nodes stand, and whom it asks.
struct ReadRouterTests {
    private static let first = Lineage(of: .first, TimelineHistory())
    /// A second timeline that left the first at 200.
    private static let second = Lineage(
        of: Timeline(2),
        TimelineHistory().appending(timeline: .first, switchpoint: LSN(200), reason: "a test"))

    private func node(
        _ name: String, at lsn: UInt64, _ lineage: Lineage = first, answers: Bool = true,
        streams: Bool = true
    ) -> ReadRouter.Candidate {
        ReadRouter.Candidate(
            name, answers: answers, streams: answers && streams,
            shown: LogExtent(lineage, end: LSN(lsn)))
    }

    private func nodes(
        _ replicas: ReadRouter.Candidate..., primary: ReadRouter.Candidate? = nil, at ms: Int64 = 0
    ) -> ReadRouter.Nodes {
        ReadRouter.Nodes(
            primary: primary ?? node("p", at: 900, streams: false), replicas: replicas, at: at(ms))
    }

    private func at(_ milliseconds: Int64) -> LabInstant {
        LabInstant(nanoseconds: milliseconds * 1_000_000)
    }

    private func token(
        _ lsn: UInt64, at ms: Int64 = 0, on timeline: Timeline = .first
    ) -> ReadToken {
        ReadToken(LogPosition(timeline, LSN(lsn)), at: at(ms))
    }

    private func names(
        _ policy: ReadPolicy, _ nodes: [ReadRouter.Nodes], _ token: ReadToken? = nil
    ) -> [String] {
        var router = ReadRouter()
        return nodes.map { nodes in
            let choice = router.choice(policy, token, asked: nodes.instant, among: nodes)
            guard case .ask(let name, _) = choice else { return "\(choice)" }
            return name
        }
    }

    // MARK: any

    @Test func `any replica that streams has its turn`() {
        let all = nodes(node("r1", at: 0), node("r2", at: 0), node("r10", at: 0))
        #expect(names(.any, [all, all, all, all]) == ["r1", "r2", "r10", "r1"])
        // One that went away is passed over, and comes back in its place.
        let less = nodes(node("r1", at: 0), node("r2", at: 0, streams: false), node("r10", at: 0))
        #expect(names(.any, [all, less, less, all]) == ["r1", "r10", "r1", "r2"])
    }

    @Test func `each policy has turns of its own`() {
        var router = ReadRouter()
        let all = nodes(node("r1", at: 0), node("r2", at: 0))
        for policy in [ReadPolicy.any, .sticky(.seconds(2)), .token(wait: .zero)] {
            #expect(router.choice(policy, nil, asked: at(0), among: all) == .ask("r1", .turn))
        }
        #expect(router.choice(.any, nil, asked: at(0), among: all) == .ask("r2", .turn))
    }

    @Test func `when no replica streams the primary answers, and then whoever does`() {
        var router = ReadRouter()
        let idle = nodes(node("r1", at: 0, streams: false), node("r2", at: 0, answers: false))
        #expect(
            router.choice(.any, nil, asked: at(0), among: idle) == .ask("p", .noReplicaStreams))
        let down = node("p", at: 900, answers: false)
        let orphan = nodes(node("r1", at: 0, streams: false), primary: down)
        #expect(
            router.choice(.any, nil, asked: at(0), among: orphan)
                == .ask("r1", .onlyReplicasAnswer))
        let none = nodes(node("r1", at: 0, answers: false), primary: down)
        #expect(router.choice(.any, nil, asked: at(0), among: none) == .needsPrimary)
    }

    // MARK: sticky

    @Test(arguments: [(0, true), (1999, true), (2000, true), (2001, false)] as [(Int64, Bool)])
    func `sticky is the primary until the last write is older`(age: Int64, isRecent: Bool) {
        var router = ReadRouter()
        let choice = router.choice(
            .sticky(.seconds(2)), token(100, at: 50), asked: at(50 + age),
            among: nodes(node("r1", at: 0), at: 50 + age))
        #expect(
            choice
                == (isRecent
                    ? .ask("p", .recentWrite(age: .milliseconds(age))) : .ask("r1", .turn)))
    }

    @Test func `sticky does not look whether the primary answers: nobody else would do`() {
        var router = ReadRouter()
        let down = nodes(node("r1", at: 900), primary: node("p", at: 900, answers: false))
        #expect(
            router.choice(.sticky(.seconds(2)), token(100), asked: at(0), among: down)
                == .ask("p", .recentWrite(age: .zero)))
    }

    // MARK: token

    @Test func `token is a replica from the very byte on`() {
        var router = ReadRouter()
        let own = token(100)
        for (lsn, choice) in [
            (99, .ask("p", .tokenNotReached(own, waited: .zero))),
            (100, .ask("r1", .hasToken(own, waited: .zero))),
        ] as [(UInt64, ReadRouter.Choice)] {
            let standing = nodes(node("r1", at: lsn))
            #expect(
                router.choice(.token(wait: .zero), own, asked: at(0), among: standing) == choice)
        }
    }

    @Test func `token takes turns among those that have it`() {
        let own = token(100)
        let all = nodes(node("r1", at: 99), node("r2", at: 100), node("r3", at: 500))
        #expect(names(.token(wait: .zero), [all, all, all], own) == ["r2", "r3", "r2"])
    }

    @Test func `token waits for a replica, and no longer than it was told to`() {
        var router = ReadRouter()
        let (own, policy) = (token(100), ReadPolicy.token(wait: .milliseconds(500)))
        let behind = node("r1", at: 99)
        #expect(
            router.choice(policy, own, asked: at(0), among: nodes(behind))
                == .wait(until: at(500)))
        #expect(
            router.choice(policy, own, asked: at(0), among: nodes(node("r1", at: 100), at: 300))
                == .ask("r1", .hasToken(own, waited: .milliseconds(300))))
        #expect(
            router.choice(policy, own, asked: at(0), among: nodes(behind, at: 500))
                == .ask("p", .tokenNotReached(own, waited: .milliseconds(500))))
        // Nobody can come to have it.
        let down = node("r1", at: 99, answers: false)
        #expect(
            router.choice(policy, own, asked: at(0), among: nodes(down))
                == .ask("p", .tokenNotReached(own, waited: .zero)))
    }

    @Test func `without a primary a replica that has it answers, though it does not stream`() {
        var router = ReadRouter()
        let own = token(100)
        let down = node("p", at: 900, answers: false)
        let has = nodes(node("r1", at: 100, streams: false), primary: down)
        #expect(
            router.choice(.token(wait: .zero), own, asked: at(0), among: has)
                == .ask("r1", .hasToken(own, waited: .zero)))
        let lacks = nodes(node("r1", at: 99, streams: false), primary: down)
        #expect(
            router.choice(.token(wait: .zero), own, asked: at(0), among: lacks) == .needsPrimary)
    }

    @Test func `a position is reached on its own timeline only`() {
        var router = ReadRouter()
        let policy = ReadPolicy.token(wait: .milliseconds(500))
        // r1 was promoted at 200; the last write, at 250, was the old primary's.
        let promoted = node("r1", at: 900, Self.second, streams: false)
        let standing = nodes(node("r2", at: 900, Self.second), primary: promoted)
        let lost = token(250)
        #expect(
            router.choice(policy, lost, asked: at(0), among: standing)
                == .ask("r1", .tokenIsLost(lost)))
        let kept = token(200)
        #expect(
            router.choice(policy, kept, asked: at(0), among: standing)
                == .ask("r2", .hasToken(kept, waited: .zero)))
        let new = token(250, on: Timeline(2))
        let old = nodes(node("r2", at: 900), primary: promoted)
        #expect(
            router.choice(policy, new, asked: at(0), among: old) == .wait(until: at(500)))
    }

    @Test func `who has not written is anybody's`() {
        #expect(names(.token(wait: .zero), [nodes(node("r1", at: 0))]) == ["r1"])
        #expect(names(.sticky(.seconds(2)), [nodes(node("r1", at: 0))]) == ["r1"])
    }

    @Test func `a node that is named is asked, whatever it has`() {
        #expect(names(.node("r9"), [nodes()]) == ["r9"])
        #expect(names(.primary, [nodes(node("r1", at: 0))]) == ["p"])
    }
}
