internal import Synchronization
public import WALFormat

/// One node's data directory, opened and locked: performs disk jobs, one at a time.
///
/// ```
/// PG_VERSION                  "15\n"
/// global/shiplog_control      ControlData
/// base/5/16384                the table kv, heap pages of 8192 bytes with checksums
/// pg_xact/0000                two bits for each transaction
/// pg_replslot/<name>/state    a replication slot
/// pg_wal/<24 digits>          WAL segments; <8 digits>.history; *.partial after a promotion
/// standby.signal              empty; there while the node is a standby
/// promote                     there while a promotion is under way: see PromotionTrace
/// shiplog.lock                held (flock) while the directory is open
/// backup_label                in a base backup that was not started yet: where redo begins
/// basebackup.incomplete       in a base backup that did not come to its end: of whom
/// rewind.incomplete           in a rewind that did not come to its end: see RewindMark
/// ```
/// It is not a cache: what a job wrote is in the files, and the only state kept is which segment is
/// open and how a sync failed.
///
/// - No two `DataDirectory` values are open on one directory, in this process or another.
/// - After a failed sync every job that writes is refused; reading goes on.
/// - Jobs may come from any thread; they wait for one another.
public final class DataDirectory: Sendable {
    let fileSystem: any FileSystem
    /// The base backup that this directory is, if it was never recovered since.
    let backup: RestoredBackup?
    private let lock: any OpenFile
    private let state: Mutex<DirectoryState>

    /// Opens and locks a directory that `Initialization` made, and reads its control data. The log
    /// is not looked at; `Recovery` does that.
    /// - Parameter removedCommits: keeps what the log says before any of it is removed.
    public static func open(
        _ fileSystem: any FileSystem, removedCommits: RemovedCommits? = nil
    ) throws(OpenFailure) -> DataDirectory {
        if let failure = try DirectoryLayout.unfinished(fileSystem) { throw failure }
        return try opening { () throws(IOFailure) -> Result<DataDirectory, OpenFailure> in
            if let failure = try identify(fileSystem) { return .failure(failure) }
            let lock = try fileSystem.lock(DirectoryLayout.lock)
            let bytes = try fileSystem.contents(of: DirectoryLayout.control)
            let isStandby = try fileSystem.exists(DirectoryLayout.standbySignal)
            do throws(OpenFailure) {
                let control = try ControlData(decoding: bytes)
                let backup = try RestoredBackup.read(fileSystem)
                try DirectoryInspection(fileSystem, control, isStandby: isStandby).run(backup)
                try resolvePromotion(fileSystem, control)
                return .success(
                    DataDirectory(fileSystem, removedCommits, lock, control, isStandby, backup))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Opens and locks the directory at a path of the operating system's.
    public static func open(path: String) throws(OpenFailure) -> DataDirectory {
        let fileSystem: RealFileSystem
        do {
            fileSystem = try RealFileSystem(opening: path)
        } catch {
            throw error.kind == .missing ? .missing(path: path) : OpenFailure(error)
        }
        return try open(fileSystem)
    }

    private init(
        _ fileSystem: any FileSystem, _ removedCommits: RemovedCommits?, _ lock: any OpenFile,
        _ control: ControlData, _ isStandby: Bool, _ backup: RestoredBackup?
    ) {
        self.fileSystem = fileSystem
        self.lock = lock
        self.backup = backup
        let wal = WALDirectory(fileSystem: fileSystem, segmentSize: control.segmentSize)
        state = Mutex(
            DirectoryState(
                fileSystem: fileSystem, removedCommits: removedCommits, wal: WALWriter(wal),
                control: backup?.correcting(control) ?? control, isStandby: isStandby))
    }

    /// Performs one job now, on the calling thread.
    public func perform(_ job: DiskJob) -> DiskResult {
        state.withLock { $0.perform(job) }
    }

    /// Makes durable what recovery has read of the log.
    func rewriteLog(from start: LSN, upTo end: LSN, _ lineage: Lineage) throws(OpenFailure) {
        do throws(DiskFailure) {
            try state.withLock { state throws(DiskFailure) in
                try state.wal.rewrite(from: start, upTo: end, lineage)
            }
        } catch {
            throw OpenFailure(error, at: end)
        }
    }

    /// The control data as last read or written; of a base backup, as its label has them.
    public var control: ControlData { state.withLock { $0.control } }
    /// Whether the node is a standby: standby.signal is there.
    public var isStandby: Bool { state.withLock { $0.isStandby } }
    /// The failed sync after which nothing is written any more.
    public var refusal: IOFailure? { state.withLock { $0.refusal } }

    /// Cuts the log off behind its end; recovery does, before anything is written.
    func cutLog(at end: LSN, _ lineage: Lineage) throws(OpenFailure) {
        do throws(DiskFailure) {
            try state.withLock { state throws(DiskFailure) in try state.wal.cut(at: end, lineage) }
        } catch {
            throw OpenFailure(error, at: end)
        }
    }

    /// The history of a timeline.
    public func history(of timeline: Timeline) throws(OpenFailure) -> TimelineHistory {
        do throws(DiskFailure) {
            return try walDirectory.history(of: timeline)
        } catch {
            throw OpenFailure(error, at: control.redo)
        }
    }

    /// The states of the replication slots found, by name. A slot that was being made or removed
    /// when the power went is none, and what is left of it is cleared away. PostgreSQL:
    /// StartupReplicationSlots.
    public func restoreSlots() throws(OpenFailure) -> [(name: String, state: [UInt8])] {
        let slots = SlotDirectory(fileSystem)
        return try opening { () throws(IOFailure) in try slots.restore() }
    }

    /// Where the control data are.
    public static let controlPath = DirectoryLayout.control

    /// Whether a path belongs to the running node alone, or to a write that is under way.
    public static func isPrivate(_ path: String) -> Bool {
        path == DirectoryLayout.lock || path == DirectoryLayout.incompleteBackup
            || path == DirectoryLayout.incompleteRewind
            || path == DirectoryLayout.promote || path.hasSuffix(".tmp")
    }

    var walDirectory: WALDirectory {
        WALDirectory(fileSystem: fileSystem, segmentSize: control.segmentSize)
    }

    private static func resolvePromotion(
        _ fileSystem: any FileSystem, _ control: ControlData
    ) throws(OpenFailure) {
        do throws(DiskFailure) {
            try PromotionTrace(fileSystem, control.segmentSize).resolve()
        } catch {
            throw OpenFailure(error, at: control.redo)
        }
    }

    /// Why the directory is not one of ours, or nil when it is.
    static func identify(_ fileSystem: any FileSystem) throws(IOFailure) -> OpenFailure? {
        let isOurs = try fileSystem.exists(DirectoryLayout.control)
        if !isOurs, try fileSystem.exists("global/pg_control") { return .postgresCluster }
        guard isOurs, let version = try fileSystem.contentsIfPresent(of: DirectoryLayout.version)
        else { return .notADataDirectory }
        let text = String(decoding: version.prefix(while: { $0 != 10 }), as: UTF8.self)
        return text == "15" ? nil : .wrongVersion(found: text)
    }
}
