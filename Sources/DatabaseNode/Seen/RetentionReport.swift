package import Replication
package import WALFormat

/// The WAL a running node keeps, for whom, and how long that can go on.
package struct RetentionReport: Hashable, Sendable {
    package let node: String
    /// Its slots, by name.
    package let slots: [SlotView]
    /// The first byte of its log that is still there.
    package let oldest: LSN
    /// The first byte that a checkpoint would keep now, and who needs it.
    package let kept: LSN
    /// Who makes it keep that.
    package let holder: Retention.Holder
    /// From `kept` to the end of the log.
    package let pinnedByteCount: Int
    /// What can still be written, checkpoints or not, before the disk is full; nil: no limit.
    package let diskByteCountLeft: Int?
    /// `max_slot_wal_keep_size` in bytes; nil: no limit.
    package let slotLimitByteCount: Int?
    /// Replicas that follow it without a slot and that need WAL from here on.
    package let unprotected: [Unprotected]

    /// A replica whose WAL nobody keeps for it.
    package struct Unprotected: Hashable, Sendable {
        package let replica: String
        /// The next byte it needs.
        package let needs: LSN
        /// That is gone already; else it goes at the next checkpoint.
        package let isGone: Bool

        package init(replica: String, needs: LSN, isGone: Bool) {
            self.replica = replica
            self.needs = needs
            self.isGone = isGone
        }
    }
}

/// A replication slot. PostgreSQL: a row of `pg_replication_slots`.
package struct SlotView: Hashable, Sendable {
    package let name: String
    /// Whether it ends with its connection.
    package let isTemporary: Bool
    /// The name of the program that uses it now; nil if none does.
    package let usedBy: String?
    /// The first byte it keeps; nil if it keeps none.
    package let restart: LSN?
    /// Where it stood when it was lost; nil if it was not.
    package let lostAt: LSN?
    /// Its state; nil if it keeps nothing and never did.
    package let status: WALStatus?
    /// From the first byte it keeps to the end of the log.
    package let heldByteCount: Int?
    /// What can still be written before it may be lost; nil if there is no limit.
    package let safeByteCount: Int?
}
