import Network

/// One way along a replica's wire, by what travels there.
package enum WireWay: Hashable, Sendable, CaseIterable {
    /// From the upstream to the replica: its answers, and the WAL.
    case wal
    /// From the replica to the upstream: its commands, and its positions.
    case feedback

    var ofLink: Link.Way {
        switch self {
        case .wal: .downstream
        case .feedback: .upstream
        }
    }
}
