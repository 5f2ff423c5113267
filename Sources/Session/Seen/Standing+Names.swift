internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import Replication

extension Standing {
    /// The node on which the lab's client has a transaction open.
    var transaction: String? { snapshot.openTransaction }

    /// The node a word means now.
    func name(_ reference: NodeReference) -> String {
        switch reference {
        case .primary: snapshot.primary
        case .named(let name): name
        }
    }

    /// Why a replica's upstream has turned it away; nil when it has not.
    func refusal(of replica: String) -> WALReceiver.Refusal? {
        guard case .stopped(let refusal) = snapshot[replica]?.reception else { return nil }
        return refusal
    }

    /// The node a replica follows; the primary, should it follow none.
    func upstream(of replica: String) -> String {
        switch snapshot[replica]?.role {
        case .standby(let upstream): upstream
        case .primary, nil: snapshot.primary
        }
    }
}
