/// The tasks that `help` sorts commands by, in its order.
package enum CommandGroup: String, CaseIterable, Hashable, Sendable {
    case write, network, replicas, failure, storage
    /// Not the word of a command.
    case failover = "fail-over"
    case look, session

    /// The heading of the group: what a learner wants to do.
    package var title: String {
        switch self {
        case .write: "Write and read"
        case .network: "Trouble the network"
        case .replicas: "Tend replicas"
        case .failure: "Break and mend nodes"
        case .storage: "Tend and trouble disks"
        case .failover: "Fail over"
        case .look: "Look"
        case .session: "Time and session"
        }
    }
}
