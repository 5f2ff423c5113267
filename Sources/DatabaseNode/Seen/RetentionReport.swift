public import Replication
public import WALFormat

/// The WAL a running node keeps, for whom, and how long that can go on.
public struct RetentionReport: Hashable, Sendable {
    /// The node.
    public let node: String
    /// Its slots, by name.
    public let slots: [SlotView]
    /// The first byte of its log that is still there.
    public let oldest: LSN
    /// The first byte that a checkpoint would keep now, and who needs it.
    public let kept: LSN
    /// Who makes it keep that.
    public let holder: Retention.Holder
    /// From `kept` to the end of the log.
    public let pinnedByteCount: Int
    /// What can still be written, checkpoints or not, before the disk is full; nil: no limit.
    public let diskByteCountLeft: Int?
    /// `max_slot_wal_keep_size` in bytes; nil: no limit.
    public let slotLimitByteCount: Int?
    /// Replicas that follow it without a slot and that need WAL from here on.
    public let unprotected: [Unprotected]

    /// A replica whose WAL nobody keeps for it.
    public struct Unprotected: Hashable, Sendable {
        /// The replica.
        public let replica: String
        /// The next byte it needs.
        public let needs: LSN
        /// That is gone already; else it goes at the next checkpoint.
        public let isGone: Bool

        package init(replica: String, needs: LSN, isGone: Bool) {
            self.replica = replica
            self.needs = needs
            self.isGone = isGone
        }
    }
}

/// A replication slot. PostgreSQL: a row of `pg_replication_slots`.
public struct SlotView: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Whether it ends with its connection.
    public let isTemporary: Bool
    /// The name of the program that uses it now; nil if none does.
    public let usedBy: String?
    /// The first byte it keeps; nil if it keeps none.
    public let restart: LSN?
    /// Where it stood when it was lost; nil if it was not.
    public let lostAt: LSN?
    /// Its state; nil if it keeps nothing and never did.
    public let status: WALStatus?
    /// From the first byte it keeps to the end of the log.
    public let heldByteCount: Int?
    /// What can still be written before it may be lost; nil if there is no limit.
    public let safeByteCount: Int?
}
