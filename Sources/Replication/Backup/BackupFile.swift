public import WALFormat

/// A file or a directory of the data directory, as a base backup sends it.
public struct BackupFile: Hashable, Sendable {
    /// Which of the two.
    public enum Kind: Hashable, Sendable {
        /// A directory.
        case directory
        /// A file of this many bytes. So many are sent: zeros for what is missing when it is read,
        /// and nothing of what was added. Redo, from the backup's start on, repairs both.
        case file(byteCount: Int)
    }

    /// The path in the data directory, `base/5/16384`; no slash at either end.
    public var path: String
    /// Which of the two.
    public var kind: Kind
    /// When it was last changed. The lab says lab time.
    public var modifiedAt: PostgresTime

    /// An entry from its parts.
    public init(path: String, kind: Kind, modifiedAt: PostgresTime) {
        self.path = path
        self.kind = kind
        self.modifiedAt = modifiedAt
    }

    /// The bytes of content.
    var byteCount: Int {
        switch kind {
        case .directory: 0
        case .file(let byteCount): max(byteCount, 0)
        }
    }

    /// Whether a backup leaves this path out, although it is in the data directory: what belongs to
    /// the running server, what the backup makes itself, and what lies in directories that are
    /// sent empty. PostgreSQL: `excludeFiles`, `excludeDirContents`.
    public static func isExcluded(_ path: String) -> Bool {
        let names = path.split(separator: "/")
        guard let last = names.last else { return true }
        let isInEmptied = names.count > 1 && emptied.contains(String(names[0]))
        if isInEmptied { return path != "pg_wal/archive_status" }
        return excluded.contains(String(last)) || last.hasPrefix("pgsql_tmp")
    }

    private static let excluded: Set = [
        "postgresql.auto.conf.tmp", "current_logfiles.tmp", "pg_internal.init", "backup_label",
        "tablespace_map", "backup_manifest", "postmaster.pid", "postmaster.opts",
    ]

    private static let emptied: Set = [
        "pg_wal", "pg_replslot", "pg_stat_tmp", "pg_dynshmem", "pg_notify", "pg_serial",
        "pg_snapshots", "pg_subtrans",
    ]
}
