public import DatabaseNode
public import LabClock
import Replication
public import Storage
public import WALFormat

/// Something that happened in the lab and that a learner should read, besides a command's own
/// answer. Values only; the words are the session's.
public struct LabEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A running node said something.
        case node(NodeEvent)
        /// Recovery read the node's own disk.
        case recovered(RecoveryReport)
        /// A base backup of the node has ended, one way or the other.
        case backup(BackupEvent)
        /// An outside standby does not do what is to be expected of it.
        case foreign(ForeignEvent)
    }

    /// When.
    public let time: LabInstant
    /// On which node.
    public let node: String
    /// At which position, for the order among events of one instant.
    public let lsn: LSN
    /// What.
    public let kind: Kind

    /// A replica was let in by its upstream.
    var isStreaming: Bool {
        if case .node(.receiver(.streaming)) = kind { true } else { false }
    }
}

/// What is to be told of a base backup.
public enum BackupEvent: Hashable, Sendable {
    /// The node runs on it.
    case complete(BackupReport)
    /// There is none.
    case failed(LabFailure)
    /// The lab was opened, and found what an earlier one did not finish.
    case foundIncomplete(source: String)
}
