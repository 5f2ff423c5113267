import DatabaseNode
import LabClock
import Network
import WALFormat

// Reads by policy: the router picks the node, the client asks that node, and what comes back is
// held against what clients were told.
extension Cluster {
    /// Asks for a read.
    func ask(_ request: RoutedReads.Request) {
        switch reads.choice(for: request, among: routedNodes) {
        case .wait(let end):
            // The instant brings a stillness, and with it a look.
            let deadline = lab.stepper.schedule(at: end, owner: "read") {}
            reads.wait(RoutedReads.Waiting(request: request, deadline: deadline))
        case .ask(let name, let reason): send(request, to: name, reason)
        case .needsPrimary: refuse(request)
        }
    }

    /// Work for a stillness: sends the reads that need not wait any longer, and says whether there
    /// were any.
    func sendWaitingReads() -> Bool {
        guard !reads.waiting.isEmpty else { return false }
        let nodes = routedNodes
        let before = reads.takeWaiting()
        for read in before {
            switch reads.choice(for: read.request, among: nodes) {
            case .wait:
                reads.wait(read)
                continue
            case .ask(let name, let reason): send(read.request, to: name, reason)
            case .needsPrimary: refuse(read.request)
            }
            lab.stepper.cancel(read.deadline)
        }
        return reads.waiting.count < before.count
    }

    /// Nobody waits for them any more: those that wait for a replica get no answer.
    func giveUpReads() {
        for read in reads.takeWaiting() {
            lab.stepper.cancel(read.deadline)
            read.request.done(.failure(.interrupted))
        }
    }

    private func send(
        _ request: RoutedReads.Request, to name: String, _ reason: ReadReason
    ) {
        let waited = now.since(request.asked)
        do throws(LabFailure) {
            try read(request.key, on: name) { [weak self] answer in
                guard let self else { return }
                request.done(
                    answer.map { read in
                        let report = RoutedReport(
                            policy: request.policy, read: read, reason: reason,
                            isPrimary: name == self.primary.name, waited: waited,
                            missing: self.missing(request, on: name))
                        self.reads.count(report)
                        return report
                    })
            }
        } catch {
            request.done(.failure(error))
        }
    }

    /// Only the primary would do.
    private func refuse(_ request: RoutedReads.Request) {
        let primary = primary
        request.done(
            .failure(
                primary.isFrozen
                    ? .isFrozen(primary.name) : .isDown(primary.name, primary.state)))
    }

    /// The newest version of the key that a client was told of, if the node does not show it.
    private func missing(_ request: RoutedReads.Request, on name: String) -> MissingVersion? {
        guard let token = ledger.newest(of: request.key).map(ReadToken.init),
            let shown = (try? node(name))?.process?.shownLog, !shown.contains(token.position)
        else { return nil }
        let history = primary.process?.shownLog ?? primary.seen?.log
        return MissingVersion(
            token: token, isOwn: request.ownsKey,
            isLost: history.map { !$0.lineage.includes(token.position) } ?? false)
    }
}

// How the nodes stand for a router.
extension Cluster {
    private var routedNodes: ReadRouter.Nodes {
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
}
