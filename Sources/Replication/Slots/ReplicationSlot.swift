public import WALFormat

/// A server's promise to keep the WAL that one consumer still needs, connected or not. Physical
/// ones only. PostgreSQL: `ReplicationSlot`.
///
/// - `restartLSN` follows the flush position its consumer confirmed, also when that goes back (a
///   replica was seeded again), so it is never above what is durable there.
/// - An invalidated slot keeps nothing, and says what it last kept. A consumer that finds its WAL
///   in spite of that brings it back to life with its next confirmation.
/// - A temporary slot is its connection's own: it is in use until that ends, and never on disk.
public struct ReplicationSlot: Hashable, Sendable {
    /// The name, which `SlotName` has passed.
    public let name: String
    /// Whether it ends with the connection that made it.
    public let isTemporary: Bool
    /// The first byte it keeps; nil while it keeps none.
    public internal(set) var restartLSN: LSN?
    /// Where `restartLSN` stood when the slot fell too far behind; nil if it never did.
    public internal(set) var invalidatedAt: LSN?
    /// Rows stay that this transaction or a later one has deleted; nil: none do. PostgreSQL:
    /// `xmin`.
    public internal(set) var xmin: TransactionID?
    /// The connection that uses it, by the process ID its client was told; nil if none does.
    public internal(set) var owner: Int32?
    /// Changed since it was last handed out to be stored.
    var isDirty = false

    /// A slot that nobody uses, in the state of its file.
    public init(
        name: String, isTemporary: Bool = false, restartLSN: LSN? = nil,
        invalidatedAt: LSN? = nil, xmin: TransactionID? = nil
    ) {
        self.name = name
        self.isTemporary = isTemporary
        self.restartLSN = restartLSN
        self.invalidatedAt = invalidatedAt
        self.xmin = xmin
    }

    /// Whether it was invalidated and not brought back: its WAL may be gone.
    public var isInvalidated: Bool { restartLSN == nil && invalidatedAt != nil }
}
