internal import TableFormat
public import WALFormat

/// From a directory to a running database: control data, pages, redo, ready. PostgreSQL:
/// StartupXLOG.
///
/// - Replay begins at the control data's redo point and uses `Database.redo`, nothing else.
/// - A base backup is recovered from its label's redo point, and at least to the backup's end.
/// - The log ends at the first record that fails its checks, see `LogEnd`; a log that goes on
///   behind its damage is refused, see `WALDamage`.
/// - What lies behind the end is zeroed, and later segments are removed, before anything is
///   written: no later reader can take stale bytes for log.
public enum Recovery {
    /// Recovers a directory. A primary that was not stopped cleanly writes a shutdown checkpoint as
    /// its end of recovery, as PostgreSQL does, and is "in production"; a standby stays a standby
    /// and waits at the end of its log.
    ///
    /// It blocks: see `DiskThread.recover`.
    /// - Parameters:
    ///   - time: stamps the checkpoint.
    ///   - ignoringDamage: pages that fail their check are used as they are found, or as empty ones
    ///     when they are no pages at all, instead of keeping the node from starting: rows may then
    ///     be missing or wrong. PostgreSQL: `ignore_checksum_failure`, `zero_damaged_pages`.
    public static func run(
        _ directory: DataDirectory, at time: PostgresTime, ignoringDamage: Bool = false
    ) throws(OpenFailure) -> Recovered {
        let source = RecoverySource(directory)
        let lineage = try source.lineage()
        var database = try load(source, lineage)
        database.damage.isIgnored = ignoringDamage
        let (scan, report) = try replay(source, lineage, into: &database)
        if !report.wasCleanlyStopped {
            try directory.rewriteLog(from: report.redoStart, upTo: scan.end, lineage)
        }
        try directory.cutLog(at: scan.end, lineage)
        database.finishRecovery()
        if source.isStandby {
            database.timeline = report.timeline
            if directory.backup != nil { database.checkpoints.minimumRecovery = scan.end }
            try directory.write(database.controlData(.inArchiveRecovery))
        } else {
            database.startWriting(on: report.timeline)
            if !report.wasCleanlyStopped { database.writeCheckpoint(at: time, shutdown: true) }
            if let (position, bytes) = database.takeWAL() {
                try directory.require(.appendWAL(report.timeline, at: position, bytes: bytes))
            }
            try directory.require(.checkpoint(database.plan(.inProduction)))
        }
        try directory.retireBackupLabel()
        return Recovered(database: database, report: report)
    }

    /// What recovery would make of a directory, in memory: nothing is locked, and not a byte is
    /// written. Of a running node it is what it would find after a crash, as far as its system has
    /// been told to write.
    ///
    /// - Returns: a table to read from; a primary's, too, does not write.
    public static func rehearsal(
        of fileSystem: any FileSystem
    ) throws(OpenFailure) -> Recovered {
        let source = try RecoverySource(atRest: fileSystem)
        let lineage = try source.lineage()
        var database = try load(source, lineage)
        let report = try replay(source, lineage, into: &database).report
        database.finishRecovery()
        return Recovered(database: database, report: report)
    }

    private static func load(
        _ source: RecoverySource, _ lineage: Lineage
    ) throws(OpenFailure) -> Database {
        let control = source.control
        var scan = LogScan(
            source.walDirectory, lineage, from: control.checkpoint,
            systemIdentifier: control.systemIdentifier)
        guard let entry = try scan.next(), entry.start == control.checkpoint,
            case .checkpoint(let checkpoint, _) = entry.record.body,
            checkpoint.redo == control.redo
        else { throw .noCheckpoint(at: control.checkpoint) }
        return Database(
            control, checkpoint: checkpoint,
            table: try TableFiles.table(
                source.fileSystem, pageCount: control.files.pageCount),
            commitLog: try TableFiles.commitLog(source.fileSystem))
    }

    private static func replay(
        _ source: RecoverySource, _ lineage: Lineage, into database: inout Database
    ) throws(OpenFailure) -> (scan: LogScan, report: RecoveryReport) {
        let control = source.control
        var scan = LogScan(
            source.walDirectory, lineage, from: control.redo,
            systemIdentifier: control.systemIdentifier)
        var count = 0
        var endedLater: [TransactionID] = []
        var needsBackupEnd = source.backup.map { !$0.isFromStandby } ?? false
        while let entry = try scan.next() {
            do {
                try database.redo(entry.record, start: entry.start, end: entry.end)
            } catch {
                throw .unreplayable(error)
            }
            count += 1
            if entry.end > control.files.position, entry.record.endsTransaction {
                endedLater.append(entry.record.xid)
            }
            if entry.record.endedBackup == control.redo { needsBackupEnd = false }
        }
        guard database.lastRecordStart >= control.checkpoint else {
            throw .noCheckpoint(at: control.checkpoint)
        }
        let needed = max(control.minimumRecovery, control.files.position)
        guard scan.end >= needed else {
            throw .endsBeforeConsistency(at: scan.end, needed: needed)
        }
        guard !needsBackupEnd else { throw .endsBeforeBackupEnd(at: scan.end) }
        let damage = database.damage.found.values.sorted { $0.block < $1.block }
        if let first = damage.first, !database.damage.isIgnored {
            throw .damagedFile(path: DirectoryLayout.relation, reason: first.description)
        }
        try check(database.commitLog, control.files, endedLater: endedLater)
        let isStopped = control.state == .shutDown || control.state == .shutDownInRecovery
        let report = RecoveryReport(
            recordsReplayed: isStopped && database.lastRecordStart == control.redo ? 0 : count,
            redoStart: control.redo, end: scan.end, lastRecordStart: database.lastRecordStart,
            logEnd: scan.logEnd ?? .clean, lastCommitTime: database.lastCommitTime,
            timeline: source.isStandby
                ? lineage.timeline(before: scan.end) : lineage.timeline(at: scan.end),
            wasCleanlyStopped: isStopped,
            restoredPages: database.damage.restored, ignoredDamage: damage)
        return (scan, report)
    }

    /// Holds the commit log against what the control data say of it. What ended behind their
    /// position, by the log's word, is not in their sum; all else is the file's own.
    private static func check(
        _ commitLog: CommitLog, _ files: CheckpointedFiles, endedLater: [TransactionID]
    ) throws(OpenFailure) {
        var commitLog = commitLog
        for xid in endedLater { commitLog.set(.inProgress, of: xid) }
        guard CommitLogChecksum(of: commitLog).value != files.commitLogChecksum else { return }
        throw .damagedFile(
            path: DirectoryLayout.commitLog,
            reason: "transactions have not ended there as the last checkpoint wrote it")
    }
}

extension WALRecord {
    /// Whether it is a transaction's last.
    fileprivate var endsTransaction: Bool {
        switch body {
        case .commit, .abort: true
        case .checkpoint, .endOfRecovery, .switchSegment, .noop, .generic, .logicalMessage, .other:
            false
        }
    }
}

/// A recovered node: its table, and what recovery found.
public struct Recovered: Sendable {
    /// Ready: it writes if the node is a primary, replays on if it is a standby.
    public let database: Database
    /// What recovery did.
    public let report: RecoveryReport
}

extension WALDirectory {
    /// The lineage whose log a node follows: a standby, or a node that went down in the middle of a
    /// promotion, takes the newest timeline that left its own; a primary keeps its own.
    func currentLineage(
        _ control: ControlData, isStandby: Bool
    ) throws(OpenFailure) -> Lineage {
        do {
            guard isStandby || control.state == .inArchiveRecovery else {
                return try lineage(of: control.timeline)
            }
            // The pages on disk may already be a younger timeline's than the checkpoint.
            let isPastCheckpoint = control.minimumRecovery > control.checkpoint
            return try lineage(
                of: try newestTimeline(
                    from: isPastCheckpoint ? control.minimumRecoveryTimeline : control.timeline,
                    notBefore: max(control.checkpoint, control.minimumRecovery)))
        } catch {
            throw OpenFailure(error, at: control.redo)
        }
    }
}

extension DataDirectory {
    /// Performs a job whose failure keeps the directory from opening.
    func require(_ job: DiskJob) throws(OpenFailure) {
        switch perform(job) {
        case .failed(let failure): throw OpenFailure(failure, at: control.checkpoint)
        case .done, .walWritten, .walFlushed, .wal, .history, .segmentsRemoved, .oldestWAL, .read:
            break
        }
    }

    /// A base backup has been recovered: from here on the control data alone count, which are on
    /// disk. PostgreSQL keeps the label under this name as well.
    func retireBackupLabel() throws(OpenFailure) {
        guard backup != nil else { return }
        let path = DirectoryLayout.backupLabel
        try opening { () throws(IOFailure) in
            guard try fileSystem.exists(path) else { return }
            try fileSystem.rename(path, to: path + ".old")
            try fileSystem.syncDirectory("")
        }
    }

    /// Writes control data unless they are what is there.
    func write(_ control: ControlData) throws(OpenFailure) {
        if control != self.control || backup != nil { try require(.writeControl(control)) }
    }
}
