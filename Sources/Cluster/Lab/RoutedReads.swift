import DatabaseNode
import LabClock
import Network
import WALFormat

/// Reads that clients leave to a router: it picks the node, the client asks that node, and what
/// comes back is held against what clients were told.
///
/// - A read that waits for a replica is looked at again whenever the lab has come to rest.
/// - Touched on the lab's loop only.
final class RoutedReads {
    /// A read that has been asked for.
    struct Request {
        let key: String
        let policy: ReadPolicy
        /// Of the reader's own last write.
        let token: ReadToken?
        /// Whether the reader is the one who writes this key.
        let ownsKey: Bool
        let asked: LabInstant
        /// Called once, on the loop.
        let done: (Result<RoutedReport, LabFailure>) -> Void
    }

    private struct Waiting {
        let request: Request
        let deadline: TimerQueue<() -> Void>.Token
    }

    /// All of them so far.
    private(set) var counts = ReadCounts()
    /// The last one of the prompt's.
    var last: RoutedReport?
    private var router = ReadRouter()
    private var waiting: [Waiting] = []

    /// Asks for a read.
    func ask(_ request: Request, of cluster: Cluster) {
        switch choice(for: request, among: cluster.routedNodes) {
        case .wait(let end):
            // The instant brings a stillness, and with it a look.
            let deadline = cluster.lab.stepper.schedule(at: end, owner: "read") {}
            waiting.append(Waiting(request: request, deadline: deadline))
        case .ask(let name, let reason): send(request, to: name, reason, cluster)
        case .needsPrimary: refuse(request, cluster)
        }
    }

    /// Work for a stillness: sends the reads that need not wait any longer.
    func look(at cluster: Cluster) -> Bool {
        guard !waiting.isEmpty else { return false }
        let nodes = cluster.routedNodes
        let before = waiting
        waiting = []
        for read in before {
            switch choice(for: read.request, among: nodes) {
            case .wait:
                waiting.append(read)
                continue
            case .ask(let name, let reason): send(read.request, to: name, reason, cluster)
            case .needsPrimary: refuse(read.request, cluster)
            }
            cluster.lab.stepper.cancel(read.deadline)
        }
        return waiting.count < before.count
    }

    /// Nobody waits for them any more: those that wait for a replica get no answer.
    func giveUp(_ cluster: Cluster) {
        let left = waiting
        waiting = []
        for read in left {
            cluster.lab.stepper.cancel(read.deadline)
            read.request.done(.failure(.interrupted))
        }
    }

    private func choice(
        for request: Request, among nodes: ReadRouter.Nodes
    ) -> ReadRouter.Choice {
        router.choice(request.policy, request.token, asked: request.asked, among: nodes)
    }

    private func send(
        _ request: Request, to name: String, _ reason: ReadReason, _ cluster: Cluster
    ) {
        let waited = cluster.now.since(request.asked)
        do throws(LabFailure) {
            try cluster.read(request.key, on: name) { [self] answer in
                request.done(
                    answer.map { read in
                        let report = RoutedReport(
                            policy: request.policy, read: read, reason: reason,
                            isPrimary: name == cluster.primary.name, waited: waited,
                            missing: cluster.missing(request, on: name))
                        counts.add(report)
                        return report
                    })
            }
        } catch {
            request.done(.failure(error))
        }
    }

    /// Only the primary would do.
    private func refuse(_ request: Request, _ cluster: Cluster) {
        let primary = cluster.primary
        request.done(
            .failure(
                primary.isFrozen
                    ? .isFrozen(primary.name) : .isDown(primary.name, primary.state)))
    }
}

extension Cluster {
    /// How the nodes stand for a router.
    fileprivate var routedNodes: ReadRouter.Nodes {
        let primary = primary
        return ReadRouter.Nodes(
            primary: candidate(primary, streams: false),
            replicas: nodes.filter { $0.role != .primary }.map { node in
                candidate(node, streams: receives(node, from: primary.name))
            }, at: now)
    }

    private func candidate(_ node: Node, streams: Bool) -> ReadRouter.Candidate {
        let process = node.isFrozen ? nil : node.process
        return ReadRouter.Candidate(
            node.name, answers: process != nil, streams: streams,
            shown: node.process?.shownLog ?? node.seen?.log)
    }

    /// Whether a replica streams, from the primary or by way of replicas that do.
    private func receives(_ node: Node, from primary: String) -> Bool {
        var node = node
        // No chain is longer than there are nodes.
        for _ in nodes {
            guard !node.isFrozen, node.process?.standby?.reception == .streaming,
                let upstream = node.role.upstream
            else { return false }
            if upstream == primary { return true }
            guard let next = nodes.first(where: { $0.name == upstream }) else { return false }
            node = next
        }
        return false
    }

    /// The newest version of the key that a client was told of, if the node does not show it.
    fileprivate func missing(
        _ request: RoutedReads.Request, on name: String
    ) -> MissingVersion? {
        guard let token = ledger.newest(of: request.key).map(ReadToken.init),
            let shown = (try? node(name))?.process?.shownLog, !shown.contains(token.position)
        else { return nil }
        let history = primary.process?.shownLog ?? primary.seen?.log
        return MissingVersion(
            token: token, isOwn: request.ownsKey,
            isLost: history.map { !$0.lineage.includes(token.position) } ?? false)
    }
}
