/// The parts of PostgreSQL that write WAL records, each with its own redo. PostgreSQL: `RmgrId`.
public enum ResourceManager {
    /// Checkpoints, segment switches, timeline changes.
    public static let xlog: UInt8 = 0
    /// Commits and aborts.
    public static let transaction: UInt8 = 1
    /// What hot standbys need to know: locks held, transactions open.
    public static let standby: UInt8 = 8
    /// Page patches: every change to a row.
    public static let generic: UInt8 = 20
    /// Messages that redo passes over.
    public static let logicalMessage: UInt8 = 21

    /// The name `pg_waldump` prints for a record's resource manager.
    public static func name(for identifier: UInt8) -> String {
        if identifier < names.count { return names[Int(identifier)] }
        return isValid(identifier) ? "custom\(identifier)" : "UNKNOWN \(identifier)"
    }

    /// Whether a record may carry the identifier: PostgreSQL 15's own, or an extension's from 128.
    static func isValid(_ identifier: UInt8) -> Bool {
        identifier < names.count || identifier >= 128
    }

    private static let names = [
        "XLOG", "Transaction", "Storage", "CLOG", "Database", "Tablespace", "MultiXact", "RelMap",
        "Standby", "Heap2", "Heap", "Btree", "Hash", "Gin", "Gist", "Sequence", "SPGist", "BRIN",
        "CommitTs", "ReplicationOrigin", "Generic", "LogicalMessage",
    ]
}
