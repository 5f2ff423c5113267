package import DatabaseNode
package import LabClock
import Replication
package import Storage
package import WALFormat

/// Something that happened in the lab and that a learner should read, besides a command's own
/// answer. Values only; the words are the session's.
package struct LabEvent: Hashable, Sendable {
    /// What happened.
    package enum Kind: Hashable, Sendable {
        /// A running node said something.
        case node(NodeEvent)
        /// Recovery read the node's own disk.
        case recovered(RecoveryReport)
        /// The lab was opened, and the node's files are not as they were written: it is down.
        case foundDamaged(OpenFailure)
        /// The lab was opened, and the primary's log ends before so many commits that clients were
        /// told of.
        case foundShort(commits: Int)
        /// A replica has come too far behind, or has caught up again.
        case lag(LagAlarm)
        /// The monitor has made up its mind.
        case monitor(MonitorEvent)
        /// An application's clients have something to say.
        case clients(ClientEvent)
        /// A read that lasted has ended, one way or the other.
        case read(HeldReadEvent)
        /// The node lost power when a commit, which ends at the event's position, had come so far.
        case crashed(CrashReport, after: CommitStage)
        /// A base backup of the node has ended, one way or the other.
        case backup(BackupEvent)
        /// A PostgreSQL member does not do what is to be expected of it.
        case postgres(PostgresEvent)
    }

    package let time: LabInstant
    /// On which node.
    package let node: String
    /// At which position, for the order among events of one instant.
    package let lsn: LSN
    package let kind: Kind

    /// A replica was let in by its upstream.
    var isStreaming: Bool {
        if case .node(.receiver(.streaming)) = kind { true } else { false }
    }
}

/// What is to be told of a base backup.
package enum BackupEvent: Hashable, Sendable {
    /// The node runs on it.
    case complete(BackupReport)
    /// There is none.
    case failed(LabFailure)
    /// The lab was opened, and found what an earlier one did not finish.
    case foundIncomplete(source: String)
}
