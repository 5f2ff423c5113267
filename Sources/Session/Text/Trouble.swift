internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import Network
internal import Replication
internal import WALFormat
internal import WireProtocol

extension Standing {
    /// What is not as it should be between the nodes, a line each, in the lab's order.
    var troubleLines: [String] { snapshot.members.flatMap(trouble) }

    /// What a learner must not overlook, after any command: two nodes that take writes, and a
    /// replay that waits.
    var warnings: [String] {
        let holds = snapshot.nodes.compactMap(\.replayHoldLine)
        guard primaryIsUp else { return holds }
        return holds
            + otherPrimaries.flatMap { other in
                [
                    "warning: two primaries: \(other.name) still takes writes that "
                        + "\(snapshot.primary) will never have"
                ] + zombieLines(other)
            }
    }

    /// What an old primary has acknowledged meanwhile.
    private func zombieLines(_ node: LabSnapshot.Node) -> [String] {
        guard node.zombieCount > 0 else { return [] }
        let count = CountText.of(node.zombieCount, "zombie acknowledgement")
        return ["\(count) of \(node.name): told OK, and lost for \(snapshot.primary)"]
    }

    private func trouble(_ node: LabSnapshot.Node) -> [String] {
        var lines: [String] = []
        if case .failed(let reason) = node.state {
            lines.append("\(node.name)'s disk failed: \(reason.escapedForDisplay)")
        }
        if let fencing = node.fencing { lines.append(fencing.line(of: node.name)) }
        if node.state == .full { lines.append("\(node.name)'s disk is full: it takes no writes") }
        if node.state == .frozen {
            lines.append("\(node.name) is frozen: its process does not run")
        }
        if let link = node.link, link.isCut {
            lines.append("\(node.name)'s link is cut")
        } else if let link = node.link, link.delay > .zero {
            lines.append("\(node.name)'s link delays WAL by \(link.delay.text)")
        }
        for (way, sender) in [(WireWay.wal, "its upstream"), (.feedback, node.name)] {
            guard let left = node.link?[way].faults.cutAfter else { continue }
            lines.append(
                "\(node.name)'s link will be cut behind the next \(CountText.of(left, "byte")) "
                    + "from \(sender)")
        }
        guard node.isRunning, node.state != .frozen, let upstream = node.role.upstream else {
            return lines
        }
        if upstream != snapshot.primary, snapshot[upstream]?.isStandby == true {
            lines.append("\(node.name) follows \(upstream)")
        }
        if let error = node.refusal, let remedy = error.remedy(for: node.name, of: upstream) {
            lines.append(
                "\(upstream) refuses \(node.name): \(error.message.escapedForDisplay); \(remedy)")
        }
        switch node.reception {
        case .waiting(let instant):
            lines.append("\(node.name) tries to reach \(upstream) again at \(instant.text)")
        case .stopped(let refusal):
            lines.append(
                "\(node.name) cannot follow \(upstream): it \(refusal.text); "
                    + "basebackup \(node.name)")
        case .connecting, .streaming, nil: break
        }
        return lines
    }
}

extension WALReceiver.Refusal {
    /// Why the replica cannot follow, in a clause whose subject it is.
    var text: String {
        switch self {
        case .otherCluster: "belongs to another cluster"
        case .diverged(let own, _, let fork, _): "has WAL to \(own), past the fork at \(fork)"
        case .notAnAncestor(let own, let upstream):
            "is on timeline \(own), not in the history of timeline \(upstream)"
        }
    }
}
