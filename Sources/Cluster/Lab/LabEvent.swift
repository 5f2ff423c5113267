package import LabClock
package import Replication
package import Storage
package import WALFormat

/// Something that happened in the lab and that a learner should read, besides a command's own
/// answer. Values only; the words are the session's.
package struct LabEvent: Hashable, Sendable {
    /// What happened.
    package enum Kind: Hashable, Sendable {
        /// A replica's receiver said something.
        case receiver(WALReceiver.Event)
        /// A node's sender said something of the replica it serves.
        case sender(replica: String, WALSender.Event)
        /// Recovery read the node's own disk.
        case recovered(RecoveryReport)
        /// The node's disk failed; it has stopped acknowledging.
        case diskFailed(DiskFailure)
        /// The node's disk is full: it refuses writes and serves reads.
        case diskFull
        /// There is room again.
        case diskHasRoom
        /// A checkpoint let go of WAL that nobody needed any more, and some of the segments will be
        /// used again; the log begins here now.
        case walRemoved(segmentCount: Int, recycled: Int, before: LSN)
        /// A slot held back too much, and keeps nothing any more; it had kept WAL from here on.
        case slotLost(name: String, at: LSN)
        /// Replay met a record it cannot apply.
        case replayStopped(at: LSN, reason: String)
        /// A base backup of the node has ended, one way or the other.
        case backup(BackupEvent)
        /// A PostgreSQL member does not do what is to be expected of it.
        case postgres(PostgresEvent)
        /// An outside program talked to the node in a way that ended its connection.
        case connectionRefused(String)
    }

    package let time: LabInstant
    /// On which node.
    package let node: String
    /// At which position, for the order among events of one instant.
    package let lsn: LSN
    package let kind: Kind

    /// A replica was let in by its upstream.
    var isStreaming: Bool {
        if case .receiver(.streaming) = kind { true } else { false }
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
