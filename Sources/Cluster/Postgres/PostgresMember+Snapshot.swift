import DatabaseNode
import LabClock
import Network
import Programs
import Replication
import WALFormat
import WireProtocol

// What there is to see of it.
extension PostgresMember {
    var openPort: Int? { isRunning ? server?.port : nil }

    /// How it stands with its upstream.
    func fate(under upstream: NodeProcess?) -> PromotionReport.Fate {
        guard isRunning else { return .isDown }
        if case .diverged(let own, _, let fork, _) = divergence(from: upstream) {
            return .cannotFollow(own: own, fork: fork)
        }
        if let streamStart { return .follows(from: streamStart) }
        return refusal.map { .refused($0) } ?? .notYet
    }

    /// That it holds WAL which its upstream never had, and so tries in vain: PostgreSQL itself says
    /// so in its log only ("new timeline forked off before current recovery point").
    func divergence(from upstream: NodeProcess?) -> WALReceiver.Refusal? {
        guard let upstream, let own = reported?.flush,
            let fork = upstream.history.switchpoint(of: timeline), own > fork
        else { return nil }
        return .diverged(
            own: own, timeline: timeline, fork: fork, upstream: upstream.logTimeline)
    }

    private func reception(under upstream: NodeProcess?) -> Reception {
        if let refusal = divergence(from: upstream) { return .stopped(refusal) }
        return isStreaming ? .streaming : .connecting
    }

    /// Its row among the nodes.
    func snapshot(
        under upstream: NodeProcess?, _ forks: TimelineForks, at instant: LabInstant
    ) -> LabSnapshot.Node {
        let log = LogExtent(forks.lineage(of: timeline), end: reported?.flush ?? .invalid)
        return LabSnapshot.Node(
            kind: .postgres, name: name, role: .standby(upstream: self.upstream),
            state: isRunning ? .up : .stopped,
            positions: isRunning ? positions : nil,
            reception: isRunning ? reception(under: upstream) : nil,
            link: .init(link, at: instant), slot: slot, room: nil,
            refusal: refusal, senders: [],
            has: .init(log: log, commits: self.log.replayedCommits))
    }

    /// What it has confirmed at its own end of the link. A PostgreSQL that receives a segment once
    /// more says for a while that it has written less than it has flushed.
    private var positions: NodePositions {
        let flush = reported?.flush ?? .invalid
        return NodePositions(
            timeline: timeline, insert: log.delivered,
            write: max(reported?.write ?? .invalid, flush), flush: flush,
            replay: reported?.apply ?? .invalid, commits: log.replayedCommits,
            lastCommit: log.lastCommit.map(LabTime.instant))
    }
}
