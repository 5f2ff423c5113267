public import WALFormat

/// A base backup of a node, laid over a copy of the PostgreSQL cluster that the lab began as: from
/// both together a PostgreSQL starts as a standby. The copy has the catalogs, of which the lab has
/// none; the backup has the table, how transactions ended, and from where redo has to begin.
///
/// - The copy's own log goes: the standby is to stream all of it, from the backup's redo point on.
/// - What is durable of it does not matter: a copy that a crash leaves half made is thrown away.
public enum BackupOverlay {
    /// What is known of the copy then.
    public struct Laid: Sendable {
        /// Files that were written, for whoever has to own them.
        public let paths: [String]
        /// The lab's transactions that had committed on it.
        public let commits: CommitTally
        /// How the backup's timeline came about.
        public let history: TimelineHistory
    }

    /// - Parameters:
    ///   - backup: the directory that a `BackupTarget` has filled.
    ///   - copy: the data directory of a PostgreSQL 15 that does not run.
    ///   - summary: where the backup ends, and on which timeline.
    /// - Throws: `.damagedFile` when the copy's `pg_control` is none of PostgreSQL 15's.
    public static func lay(
        _ backup: any FileSystem, over copy: any FileSystem, end: LSN, on timeline: Timeline
    ) throws(OpenFailure) -> Laid {
        guard let label = try RestoredBackup.read(backup) else {
            throw .noCheckpoint(at: .invalid)
        }
        let history = try history(in: backup, of: timeline)
        let commits = CommitTally(try TableFiles.commitLog(backup))
        let paths = try opening { () throws(IOFailure) in
            try copy.removeLog()
            var paths = [DirectoryLayout.relation, DirectoryLayout.backupLabel]
            paths += try backup.list(WALDirectory.path).filter { $0.hasSuffix(".history") }
                .map { WALDirectory.path + "/" + $0 }
            for path in paths {
                try copy.replace(path, with: try backup.contents(of: path, atMost: .max))
            }
            for name in try backup.list(DirectoryLayout.commitLog) where !name.hasSuffix(".tmp") {
                let path = DirectoryLayout.commitLog + "/" + name
                let lab = try backup.contents(of: path)
                try copy.replace(path, with: merged(lab, try copy.contentsIfPresent(of: path)))
                paths.append(path)
            }
            try copy.replace(DirectoryLayout.standbySignal, with: [])
            return paths + [DirectoryLayout.standbySignal]
        }
        guard label.isFromStandby else {
            return Laid(paths: paths, commits: commits, history: history)
        }
        try PostgresControl.setMinimumRecovery(end, timeline, on: copy)
        return Laid(paths: paths + [PostgresControl.path], commits: commits, history: history)
    }

    private static func history(
        in backup: any FileSystem, of timeline: Timeline
    ) throws(OpenFailure) -> TimelineHistory {
        guard timeline > .first else { return TimelineHistory() }
        let path = WALDirectory.path + "/" + TimelineHistory.fileName(timeline)
        let bytes = try opening { () throws(IOFailure) in try backup.contents(of: path) }
        guard let history = HistoryFile.history(of: timeline, in: bytes) else {
            throw OpenFailure(IOFailure(.read, path, code: IOFailure.garbled))
        }
        return history
    }

    /// Transactions before the lab's first ended on the cluster, those since then in the lab: each
    /// side has zeros, "in progress", for the other's.
    private static func merged(_ lab: [UInt8], _ cluster: [UInt8]?) -> [UInt8] {
        var bytes = lab
        for (index, byte) in (cluster ?? []).prefix(lab.count).enumerated() { bytes[index] |= byte }
        return bytes
    }
}

extension FileSystem {
    /// Takes the segments and histories out of `pg_wal`.
    fileprivate func removeLog() throws(IOFailure) {
        for name in try list(WALDirectory.path) {
            let path = WALDirectory.path + "/" + name
            if try !isDirectory(path) { try remove(path) }
        }
    }
}
