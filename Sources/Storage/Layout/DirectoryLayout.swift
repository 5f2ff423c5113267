/// The names of a data directory's parts.
enum DirectoryLayout {
    static let version = "PG_VERSION"
    static let control = "global/shiplog_control"
    static let standbySignal = PromotionTrace.standbySignal
    static let promote = PromotionTrace.path
    static let lock = "shiplog.lock"
    static let backupLabel = "backup_label"
    static let backupManifest = "backup_manifest"
    static let incompleteBackup = "basebackup.incomplete"
    static let incompleteRewind = "rewind.incomplete"
    /// What stands before the source's name in the first line of that file.
    static let rewindSource = "SOURCE: "
    static let relation = "base/5/16384"
    static let commitLog = "pg_xact"
    /// Parents before children.
    static let directories = [
        "global", "base", "base/5", "pg_xact", SlotDirectory.path, WALDirectory.path,
    ]
}

extension DirectoryLayout {
    /// What a directory that is no complete base backup, or half a rewind, is to be refused with.
    static func unfinished(
        _ fileSystem: any FileSystem
    ) throws(OpenFailure) -> OpenFailure? {
        let mark = try opening { () throws(IOFailure) in
            try fileSystem.contentsIfPresent(of: incompleteBackup)
        }
        if let mark { return .incompleteBackup(of: firstLine(mark[...])) }
        let rewind = try opening { () throws(IOFailure) in
            try fileSystem.contentsIfPresent(of: incompleteRewind)
        }
        return rewind.map { .incompleteRewind(from: firstLine($0.dropFirst(rewindSource.count))) }
    }

    private static func firstLine(_ mark: ArraySlice<UInt8>) -> String {
        String(decoding: mark.prefix(64).prefix { $0 != 10 }, as: UTF8.self)
    }
}

/// Runs calls to the file system whose failure keeps the directory from opening.
func opening<Answer>(
    _ calls: () throws(IOFailure) -> Answer
) throws(OpenFailure) -> Answer {
    do {
        return try calls()
    } catch {
        throw OpenFailure(error)
    }
}
