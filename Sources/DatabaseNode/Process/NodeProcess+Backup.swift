import LabClock
import Replication
import Storage
import WALFormat
import WireProtocol

// An online base backup of this node: its beginning and its end. What lies between is reading.
extension NodeProcess {
    /// Sees to it that redo can begin at a checkpoint whose pages are on disk, then lists the
    /// files. PostgreSQL: `do_pg_backup_start`.
    ///
    /// A standby cannot write a checkpoint: it takes a restartpoint if its upstream wrote one since
    /// the last, or else begins where recovery would begin now.
    func beginBackup(done: @escaping (Result<BaseBackup.Start, ServerError>) -> Void) {
        do throws(ServerError) {
            try log.checkHasRoom()
        } catch {
            return done(.failure(error))
        }
        let plan =
            isInRecovery
            ? database.restartpoint() : database.checkpoint(at: LabTime.postgres(now))
        guard let plan else {
            return listFiles(of: database.controlData(.inArchiveRecovery), done: done)
        }
        log.submitBehind(.checkpoint(plan)) { [weak self] result in
            guard let self else { return }
            if case .failed(let failure) = result {
                log.met(failure)
                return done(.failure(failure.serverError))
            }
            checkpointTaken(plan)
            listFiles(of: plan.control, done: done)
        }
    }

    private func listFiles(
        of control: ControlData,
        done: @escaping (Result<BaseBackup.Start, ServerError>) -> Void
    ) {
        let isStandby = isInRecovery
        read(.list("")) { [weak self] result in
            guard let self else { return }
            done(
                result.map { reading in
                    BaseBackup.Start(
                        position: control.redo, checkpoint: control.checkpoint,
                        timeline: control.timeline, isStandby: isStandby,
                        files: backupFiles(in: reading))
                })
        }
    }

    /// What belongs into a backup; the control data last, so that they speak of nothing younger
    /// than the rest. PostgreSQL's programs look for `pg_tblspc`, though there are no tablespaces;
    /// a node that was itself filled from a backup has it.
    private func backupFiles(in reading: DirectoryReading) -> [BackupFile] {
        let tablespaces = BackupFile(
            path: "pg_tblspc", kind: .directory, modifiedAt: LabTime.postgres(now))
        let files = self.files(in: reading).filter {
            !BackupFile.isExcluded($0.path) && !DataDirectory.isPrivate($0.path)
        }
        let isControl = { (file: BackupFile) in file.path == DataDirectory.controlPath }
        return files.filter { !isControl($0) && $0.path != tablespaces.path } + [tablespaces]
            + files.filter(isControl)
    }

    private func files(in reading: DirectoryReading) -> [BackupFile] {
        guard case .entries(let entries) = reading else { return [] }
        return entries.map {
            BackupFile(
                path: $0.path, kind: $0.byteCount.map { .file(byteCount: $0) } ?? .directory,
                modifiedAt: LabTime.postgres(now))
        }
    }

    /// Makes the log durable up to where the files that were read are consistent. PostgreSQL:
    /// `do_pg_backup_stop`; but for the segment switch, which serves an archive.
    ///
    /// On a primary that is a record of its own. A standby has on its disk no page younger than
    /// what it has replayed, and the log so far is durable.
    func endBackup(
        from start: LSN, done: @escaping (Result<BaseBackup.End, ServerError>) -> Void
    ) {
        let ended = database.endBackup(from: start)
        let end = BaseBackup.End(
            position: ended?.end ?? database.insertLSN, timeline: database.timeline,
            history: history, isStandby: isInRecovery)
        log.submitBehind(.read(.list("pg_wal"))) { [weak self] result in
            guard let self else { return }
            guard flushLSN >= end.position else {
                return done(.failure(Self.logIsNotDurable))
            }
            done(
                Self.reading(result).map { reading in
                    var end = end
                    end.walFiles = files(in: reading)
                    return end
                })
        }
    }

    /// Reads files of the data directory, between the jobs that write to it.
    func read(
        _ read: DirectoryRead, done: @escaping (Result<DirectoryReading, ServerError>) -> Void
    ) {
        disk.submit(.read(read)) { result in done(Self.reading(result)) }
    }

    /// Reads a piece of one of its files; nil: there is no such file.
    func readPiece(
        of path: String, from offset: Int, byteCount: Int,
        done: @escaping (Result<[UInt8]?, ServerError>) -> Void
    ) {
        read(.piece(path: path, from: offset, byteCount: byteCount)) { result in
            done(
                result.map { reading in
                    guard case .piece(let bytes) = reading else {
                        preconditionFailure("a piece was answered with a list")
                    }
                    return bytes
                })
        }
    }

    private static func reading(_ result: DiskResult) -> Result<DirectoryReading, ServerError> {
        switch result {
        case .read(let reading): .success(reading)
        case .failed(let failure): .failure(failure.serverError)
        case .done, .walWritten, .walFlushed, .wal, .history, .segmentsRemoved, .oldestWAL:
            preconditionFailure("a read answered \(result)")
        }
    }

    private static var logIsNotDurable: ServerError {
        ServerError(
            code: .diskFull, message: "could not write the end of the backup to the log: disk full")
    }
}
