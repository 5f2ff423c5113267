public import LabClock
public import Replication
public import Storage
public import WALFormat
public import WireProtocol

/// What a client was told about one write.
public struct WriteReport: Hashable, Sendable {
    /// The node that answered.
    public let node: String
    /// Where the COMMIT record ends; the position the OK named. Nil: nothing was there to change.
    public let lsn: LSN?
    /// When the OK arrived.
    public let acknowledgedAt: LabInstant
    /// Rows changed: 0 for the delete of a key that is not there.
    public let rowCount: Int
    /// It belongs to an open transaction: its OK is still to come.
    public let isInTransaction: Bool
}

/// What became of a transaction's beginning or end.
public struct TransactionReport: Hashable, Sendable {
    /// The node it is on.
    public let node: String
    /// Writes in it so far.
    public let writeCount: Int
    /// Where its COMMIT record ends; nil when it has none.
    public let lsn: LSN?
    /// When the answer arrived.
    public let at: LabInstant
    /// It is committed; false for its beginning, and for one that was rolled back.
    public let isCommitted: Bool
}

/// What `load` did.
public struct LoadReport: Hashable, Sendable {
    /// The node written to.
    public let node: String
    /// Writes sent.
    public let asked: Int
    /// Writes whose OK arrived.
    public let acknowledged: Int
    /// Where the first acknowledged COMMIT ends.
    public let firstLSN: LSN?
    /// Where the last acknowledged COMMIT ends.
    public let lastLSN: LSN?
    /// When the first OK arrived.
    public let firstAcknowledged: LabInstant?
    /// When the last OK arrived.
    public let lastAcknowledged: LabInstant?
    /// What stopped it before the end: a server's error, a lost connection, ^C.
    public let failure: LabFailure?
}

/// What a node answered to a read.
public struct ReadReport: Hashable, Sendable {
    /// The node that answered.
    public let node: String
    /// The value; nil when there is no such key.
    public let value: String?
    /// The node's position when it answered: what it had written, or replayed.
    public let lsn: LSN
}

/// Where a replica resumed.
public struct ReconnectReport: Hashable, Sendable {
    /// The replica.
    public let replica: String
    /// The node it streams from.
    public let upstream: String
    /// Its own flush position when it asked to be streamed to.
    public let resumedAt: LSN
    /// Where it stands now.
    public let caughtUpAt: LSN
    /// WAL bytes shipped in between; every one of them once.
    public let byteCount: Int
    /// Commits among them.
    public let commitCount: Int
    /// Records among them.
    public let recordCount: Int
    /// Records that it was sent although it had applied them before; 0 by the protocol.
    public let appliedTwice: Int
    /// Lab time it took.
    public let took: Duration
    /// It has what its upstream had when the command was given; if not, the events say why.
    public let isCaughtUp: Bool
    /// What the upstream has against streaming to it; nil if nothing.
    public let refusal: ServerError?
}

/// What a crash took with it.
public struct CrashReport: Hashable, Sendable {
    /// The node.
    public let node: String
    /// Its log was durable up to here.
    public let flush: LSN
    /// WAL bytes that were on its links towards each replica and are gone, by replica; WAL that the
    /// kernel had not been told to sync is not among them.
    public let lostOnWire: [WireLoss]
    /// What its disk had not been told to sync; nil on a disk that keeps everything, a directory of
    /// the operating system's.
    public let unsynced: Unsynced?

    /// Bytes that were written and not synced.
    public struct Unsynced: Hashable, Sendable {
        /// How many.
        public let byteCount: Int
        /// What the crash was asked to leave of them; nil if nothing was said: it left nothing.
        public let survival: Survival?
    }
    /// It was not running: a base backup was filling its directory, and is not complete.
    public let wasInBackup: Bool

    /// WAL that was on one wire.
    public struct WireLoss: Hashable, Sendable {
        /// The replica it was meant for.
        public let replica: String
        /// Bytes of WAL.
        public let byteCount: Int
        /// They were delivered all the same (`wire=deliver`).
        public let isDelivered: Bool
    }
}

/// How a clean stop went.
public struct StopReport: Hashable, Sendable {
    /// The node.
    public let node: String
    /// The end of its log.
    public let flush: LSN
    /// Replicas that confirmed all of it, by name.
    public let confirmed: [String]
    /// Replicas that were connected and did not confirm it in time.
    public let unconfirmed: [String]
    /// Lab time it took.
    public let took: Duration
}

/// How a restart went.
public struct RestartReport: Hashable, Sendable {
    /// The node.
    public let node: String
    /// What recovery did.
    public let recovery: RecoveryReport
}

/// A base backup that a replica runs on.
public struct BackupReport: Hashable, Sendable {
    /// The replica.
    public let replica: String
    /// The node whose files they were, and that it follows now.
    public let source: String
    /// What was received.
    public let summary: BackupReceiver.Summary
    /// How it was recovered to consistency.
    public let recovery: RecoveryReport
    /// When its first byte was asked for.
    public let beganAt: LabInstant
    /// Lab time until it was complete.
    public let took: Duration
}

/// How a promotion went.
public struct PromotionReport: Hashable, Sendable {
    /// The new primary.
    public let node: String
    /// Its timeline.
    public let timeline: Timeline
    /// Where it left the old one.
    public let fork: LSN
    /// The node it followed until then.
    public let oldPrimary: String
    /// The old primary is still up, and takes writes: two primaries.
    public let oldPrimaryIsUp: Bool
    /// What became of the other replicas, by name.
    public let others: [Follower]
    /// What was lost.
    public let loss: LossReport

    /// Another replica after a promotion.
    public struct Follower: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// How it stands with the new primary.
        public let fate: Fate
    }

    /// How another replica stands with the new primary.
    public enum Fate: Hashable, Sendable {
        /// It streams from the new primary, from this position.
        case follows(from: LSN)
        /// It has WAL the new primary never had, and cannot follow.
        case cannotFollow(own: LSN, fork: LSN)
        /// Its link is cut or slow; it will follow when it can be reached.
        case notYet
        /// The new primary will not stream to it as it is.
        case refused(ServerError)
        /// It is down.
        case isDown
    }
}

/// One record of a node's log.
public struct WALLine: Hashable, Sendable {
    /// Its first byte.
    public let start: LSN
    /// Where the log goes on behind it.
    public let end: LSN
    /// The record.
    public let record: WALRecord
    /// The timeline that wrote it.
    public let timeline: Timeline
}
