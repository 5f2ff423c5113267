internal import Cluster

extension Standing {
    /// The node a replica follows; the primary, should it follow none.
    func upstream(of replica: String) -> String {
        switch snapshot[replica]?.role {
        case .standby(let upstream): upstream
        case .primary, nil: snapshot.primary
        }
    }
}
