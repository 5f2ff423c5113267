package import WALFormat
package import WireProtocol

/// A replication connection, as `pg_stat_replication` shows it.
package struct WALSenderStatistics: Hashable, Sendable {
    package var processID: Int
    package var user: String
    package var applicationName: String
    package var clientPort: Int
    package var startedAt: PostgresTime
    /// `startup`, `catchup`, `streaming`, …
    package var state: String
    package var sent: LSN?
    /// What the replica said last.
    package var reported: StandbyStatus?
    /// What its readers need and no slot keeps.
    package var xmin: TransactionID?
    /// How long ago what it last reported had been sent, in microseconds; nil: nothing to say.
    package var writeLag: Int64?
    package var flushLag: Int64?
    package var replayLag: Int64?

    package init(
        processID: Int, user: String, applicationName: String, clientPort: Int,
        startedAt: PostgresTime, state: String, sent: LSN?, reported: StandbyStatus?
    ) {
        self.processID = processID
        self.user = user
        self.applicationName = applicationName
        self.clientPort = clientPort
        self.startedAt = startedAt
        self.state = state
        self.sent = sent
        self.reported = reported
    }
}

/// A standby's connection to its upstream, as `pg_stat_wal_receiver` shows it.
package struct WALReceiverStatistics: Hashable, Sendable {
    /// `streaming`, `waiting` or `restarting`.
    package var status: String
    /// Where it asked the upstream to begin.
    package var start: LSN?
    package var timeline: Timeline
    package var written: LSN
    package var flushed: LSN
    package var slot: String?

    package init(
        status: String, start: LSN?, timeline: Timeline, written: LSN, flushed: LSN, slot: String?
    ) {
        self.status = status
        self.start = start
        self.timeline = timeline
        self.written = written
        self.flushed = flushed
        self.slot = slot
    }
}

/// A replication slot, as `pg_replication_slots` shows it.
package struct SlotStatistics: Hashable, Sendable {
    package var name: String
    package var isTemporary: Bool
    /// Whose connection uses it.
    package var activeProcessID: Int?
    package var restartLSN: LSN?
    /// `reserved`, `extended`, `unreserved` or `lost`.
    package var walStatus: String?
    /// How much more may be written until it is given up.
    package var safeByteCount: Int?
    /// Rows stay that this transaction or a later one has deleted.
    package var xmin: TransactionID?

    package init(
        name: String, isTemporary: Bool, activeProcessID: Int?, restartLSN: LSN?,
        walStatus: String?, safeByteCount: Int?, xmin: TransactionID? = nil
    ) {
        self.name = name
        self.isTemporary = isTemporary
        self.activeProcessID = activeProcessID
        self.restartLSN = restartLSN
        self.walStatus = walStatus
        self.safeByteCount = safeByteCount
        self.xmin = xmin
    }
}
