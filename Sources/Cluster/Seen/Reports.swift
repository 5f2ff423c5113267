package import LabClock
package import Replication
package import Storage
package import WALFormat
package import WireProtocol

/// What a client was told about one write.
package struct WriteReport: Hashable, Sendable {
    /// The node that answered.
    package let node: String
    /// Where the COMMIT record ends; the position the OK named. Nil: nothing was there to change.
    package let lsn: LSN?
    /// When the OK arrived.
    package let acknowledgedAt: LabInstant
    /// Rows changed: 0 for the delete of a key that is not there.
    package let rowCount: Int
    /// It belongs to an open transaction: its OK is still to come.
    package let isInTransaction: Bool
}

/// What became of a transaction's beginning or end.
package struct TransactionReport: Hashable, Sendable {
    /// The node it is on.
    package let node: String
    /// Writes in it so far.
    package let writeCount: Int
    /// Where its COMMIT record ends; nil when it has none.
    package let lsn: LSN?
    /// When the answer arrived.
    package let at: LabInstant
    /// It is committed; false for its beginning, and for one that was rolled back.
    package let isCommitted: Bool
}

/// What `load` did.
package struct LoadReport: Hashable, Sendable {
    /// The node written to.
    package let node: String
    /// Writes sent.
    package let asked: Int
    /// Writes whose OK arrived.
    package let acknowledged: Int
    /// Where the first acknowledged COMMIT ends.
    package let firstLSN: LSN?
    /// Where the last acknowledged COMMIT ends.
    package let lastLSN: LSN?
    /// When the first OK arrived.
    package let firstAcknowledged: LabInstant?
    /// When the last OK arrived.
    package let lastAcknowledged: LabInstant?
    /// What stopped it before the end: a server's error, a lost connection, ^C.
    package let failure: LabFailure?
}

/// What a node answered to a read.
package struct ReadReport: Hashable, Sendable {
    /// The node that answered.
    package let node: String
    /// The value; nil when there is no such key.
    package let value: String?
    /// The node's position when it answered: what it had written, or replayed.
    package let lsn: LSN
}

/// Where a replica resumed.
package struct ReconnectReport: Hashable, Sendable {
    package let replica: String
    /// The node it streams from.
    package let upstream: String
    /// Its own flush position when it asked to be streamed to.
    package let resumedAt: LSN
    /// Where it stands now.
    package let caughtUpAt: LSN
    /// WAL bytes shipped in between; every one of them once.
    package let byteCount: Int
    /// Commits among them.
    package let commitCount: Int
    /// Records among them.
    package let recordCount: Int
    /// Records that it was sent although it had applied them before; 0 by the protocol.
    package let appliedTwice: Int
    /// Lab time it took.
    package let took: Duration
    /// It has what its upstream had when the command was given; if not, the events say why.
    package let isCaughtUp: Bool
    /// What the upstream has against streaming to it; nil if nothing.
    package let refusal: ServerError?
}

/// What a crash took with it.
package struct CrashReport: Hashable, Sendable {
    package let node: String
    /// Its log was durable up to here.
    package let flush: LSN
    /// WAL bytes that were on its links towards each replica and are gone, by replica; WAL that the
    /// kernel had not been told to sync is not among them.
    package let lostOnWire: [WireLoss]
    /// What its disk had not been told to sync; nil on a disk that keeps everything, a directory of
    /// the operating system's.
    package let unsynced: Unsynced?

    /// Bytes that were written and not synced.
    package struct Unsynced: Hashable, Sendable {
        /// How many.
        package let byteCount: Int
        /// What the crash was asked to leave of them; nil if nothing was said: it left nothing.
        package let survival: Survival?
    }
    /// It was not running: a base backup was filling its directory, and is not complete.
    package let wasInBackup: Bool

    /// WAL that was on one wire.
    package struct WireLoss: Hashable, Sendable {
        /// The replica it was meant for.
        package let replica: String
        /// Bytes of WAL.
        package let byteCount: Int
        /// They were delivered all the same (`wire=deliver`).
        package let isDelivered: Bool
    }
}

/// How a clean stop went.
package struct StopReport: Hashable, Sendable {
    package let node: String
    /// The end of its log.
    package let flush: LSN
    /// Replicas that confirmed all of it, by name.
    package let confirmed: [String]
    /// Replicas that were connected and did not confirm it in time: they may have it all the same.
    package let unconfirmed: [String]
    /// Lab time it took.
    package let took: Duration
}

/// How a restart went.
package struct RestartReport: Hashable, Sendable {
    package let node: String
    /// What recovery did.
    package let recovery: RecoveryReport
}

/// A node that was a primary has come back as a replica.
package struct RejoinReport: Hashable, Sendable {
    package let node: String
    package let upstream: String
    /// What recovery did.
    package let recovery: RecoveryReport
    /// How it stands with its upstream.
    package let fate: PromotionReport.Fate
}

/// A base backup that a replica runs on.
package struct BackupReport: Hashable, Sendable {
    package let replica: String
    /// The node whose files they were, and that it follows now.
    package let source: String
    /// What was received.
    package let summary: BackupReceiver.Summary
    /// How it was recovered to consistency.
    package let recovery: RecoveryReport
    /// When its first byte was asked for.
    package let beganAt: LabInstant
    /// Lab time until it was complete; of one that was waited for, until the replica streamed, or
    /// did not.
    package private(set) var took: Duration

    /// The same, when it was waited for.
    func waited(until end: LabInstant) -> BackupReport {
        var report = self
        report.took = end.since(beganAt)
        return report
    }
}

/// How a promotion went.
package struct PromotionReport: Hashable, Sendable {
    /// The new primary.
    package let node: String
    package let timeline: Timeline
    /// Where it left the old one.
    package let fork: LSN
    /// The node that was the primary until then, whomever it followed.
    package let oldPrimary: String
    /// The old primary is still up, and takes writes: two primaries.
    package let oldPrimaryIsUp: Bool
    /// What became of the other replicas, by name.
    package let others: [Follower]
    /// What was lost.
    package let loss: LossReport

    /// Another replica after a promotion.
    package struct Follower: Hashable, Sendable {
        package let name: String
        /// How it stands with the new primary.
        package let fate: Fate
    }

    /// How another replica stands with the new primary.
    package enum Fate: Hashable, Sendable {
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
package struct WALLine: Hashable, Sendable {
    /// Its first byte.
    package let start: LSN
    /// Where the log goes on behind it.
    package let end: LSN
    package let record: WALRecord
    /// The timeline that wrote it.
    package let timeline: Timeline
    /// What it commits, as the log has it; nil: it is no COMMIT.
    package let transaction: WALOnDisk.Transaction?
}
