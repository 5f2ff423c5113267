import LabClock
import Network

/// Who reads at the prompt.
package enum LabReader: Hashable, Sendable {
    /// Whoever has made all of the lab's writes.
    case writer
    /// Somebody who has written nothing.
    case other
}

// Reads that are left to a policy.
extension Lab {
    /// Reads one key where a policy sends the read.
    package func read(
        _ key: String, via policy: ReadPolicy, by reader: LabReader
    ) throws(LabFailure) -> RoutedReport {
        defer { onLoop { cluster in cluster.giveUpReads() } }
        let asked = onLoop { cluster in policy.node ?? cluster.primary.name }
        let report = try answer(from: asked) { cluster, done throws(LabFailure) in
            // Heartbeats are another client's.
            let last = cluster.ledger.newest(besides: Heartbeat.key)
            let token = reader == .writer ? last.map(ReadToken.init) : nil
            cluster.ask(
                RoutedReads.Request(
                    key: key, policy: policy, token: token,
                    ownsKey: reader == .writer && key != Heartbeat.key,
                    asked: cluster.now, done: done))
        }
        onLoop { cluster in cluster.reads.remember(report) }
        return report
    }

    /// The last of them.
    package var lastRead: RoutedReport? { onLoop { cluster in cluster.reads.last } }

    /// What became of such reads so far.
    package var readCounts: ReadCounts { onLoop { cluster in cluster.reads.counts } }
}

extension ReadPolicy {
    /// The node it names.
    var node: String? {
        switch self {
        case .any, .primary, .sticky, .token: nil
        case .node(let name): name
        }
    }
}
