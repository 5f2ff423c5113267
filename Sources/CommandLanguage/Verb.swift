/// The first word of a command. Each keeps one meaning; no two are aliases of each other.
public enum Verb: String, CaseIterable, Hashable, Sendable {
    // One a line group, in the order `help` shows them.
    case set, get, delete, load, begin, commit, rollback
    case lag, partition, heal, reconnect
    case slots, slot, follow, attach, detach
    case crash, stop, restart
    case checkpoint, vacuum, disk, damage
    case promote, lost, basebackup
    case status, wal, page, diff, config, connect, tail
    case wait, help, quit
}

/// The tasks that `help` sorts commands by, in its order.
public enum CommandGroup: String, CaseIterable, Hashable, Sendable {
    case write, network, replicas, failure, storage, failover, look, session

    /// The heading of the group: what a learner wants to do.
    public var title: String {
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

/// What `help` can be asked about.
public enum HelpTopic: Hashable, Sendable {
    /// One command: `help promote`.
    case command(Verb)
    /// The commands of one task: `help failover`.
    case group(CommandGroup)
    /// How commands are written: `help syntax`.
    case syntax
    /// The whole table as a Markdown page: `help --markdown`.
    case page
}
