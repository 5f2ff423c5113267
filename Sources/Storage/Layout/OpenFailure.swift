public import WALFormat

/// Why a data directory cannot be made or opened. Each case reads as one line for the learner.
public enum OpenFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such directory.
    case missing(path: String)
    /// The directory exists but holds no data directory of the lab.
    case notADataDirectory
    /// The directory belongs to a real PostgreSQL; the lab keeps its hands off.
    case postgresCluster
    /// PG_VERSION names another version.
    case wrongVersion(found: String)
    /// The control data is of another layout of the lab's own.
    case wrongControlVersion(found: UInt32)
    /// The control data fails its checksum or makes no sense.
    case damagedControlData(reason: String)
    /// Another lab (or another node of this one) has it open.
    case locked
    /// A new data directory needs an empty one.
    case notEmpty(firstName: String)
    /// The source of a clone was not stopped cleanly.
    case notStopped(ControlData.State)
    /// The disk is full.
    case full(IOFailure)
    /// The file system is mounted read-only.
    case readOnly(IOFailure)
    /// The operating system does not allow it.
    case denied(IOFailure)
    /// Any other failure of a system call.
    case io(IOFailure)
    /// WAL that recovery needs is not there.
    case missingWAL(at: LSN, fileName: String)
    /// The record at the redo point or the checkpoint cannot be read: recovery has no start.
    case noCheckpoint(at: LSN)
    /// The log ended before the state of the pages on disk is consistent.
    case endsBeforeConsistency(at: LSN, needed: LSN)
    /// A base backup of this node was begun here and did not come to its end.
    case incompleteBackup(of: String)
    /// A rewind of this node was begun here and did not come to its end.
    case incompleteRewind(from: String)
    /// The log ended before the record that ends the base backup which this directory is.
    case endsBeforeBackupEnd(at: LSN)
    /// A record in the middle of the log is damaged: good records follow it.
    case corrupt(WALDamage)
    /// A record whose checksum is right makes no sense for the pages here.
    case unreplayable(RedoFailure)
    /// There is none for its disk.
    case noThread(ThreadFailure)
    /// A file of the table or of pg_xact or a history file makes no sense.
    case damagedFile(path: String, reason: String)

    /// Sorts a failed system call into the cases above.
    init(_ failure: IOFailure) {
        switch failure.kind {
        case .noSpace: self = .full(failure)
        case .readOnly: self = .readOnly(failure)
        case .denied: self = .denied(failure)
        case .locked: self = .locked
        case .unusable: self = .damagedFile(path: failure.path, reason: failure.reason)
        case .missing, .device, .other: self = .io(failure)
        }
    }

    /// Sorts a failed disk job into the cases above; `position` is where WAL was wanted.
    init(_ failure: DiskFailure, at position: LSN) {
        switch failure {
        case .io(let failure), .refused(let failure): self.init(failure)
        case .segmentRemoved(let name), .gap(_, let name), .shortSegment(let name, _):
            self = .missingWAL(at: position, fileName: name)
        case .unknownTimeline(let timeline):
            let name = TimelineHistory.fileName(timeline)
            self = .damagedFile(path: WALDirectory.path + "/" + name, reason: "it is missing")
        case .badHistory(let name):
            self = .init(IOFailure(.read, WALDirectory.path + "/" + name, code: IOFailure.garbled))
        case .badRange, .abandoned: self = .noCheckpoint(at: position)
        }
    }

    /// Whether the files are to blame: no other lab and no other system would open them either.
    public var isDamage: Bool {
        switch self {
        case .missing, .notADataDirectory, .damagedControlData, .missingWAL, .noCheckpoint,
            .endsBeforeConsistency, .endsBeforeBackupEnd, .corrupt, .unreplayable, .damagedFile,
            .incompleteRewind:
            true
        case .io(let failure): failure.kind == .missing
        case .postgresCluster, .wrongVersion, .wrongControlVersion, .locked, .notEmpty,
            .notStopped, .full, .readOnly, .denied, .incompleteBackup, .noThread:
            false
        }
    }

    /// One clear line.
    public var description: String {
        switch self {
        case .missing(let path): "data directory \"\(path)\" does not exist"
        case .notADataDirectory:
            "not a data directory of the lab: PG_VERSION or control data missing"
        case .postgresCluster: "this is a real PostgreSQL cluster; the lab does not touch it"
        case .wrongVersion(let found): "the data directory is of version \(found), the lab's is 15"
        case .wrongControlVersion(let found):
            "the control data has layout \(found), this lab reads \(ControlData.version)"
        case .damagedControlData(let reason): "the control data is damaged: \(reason)"
        case .locked: "the data directory is in use by another lab"
        case .notEmpty(let name): "the directory is not empty: it holds \"\(name)\""
        case .notStopped(let state):
            "only a cleanly stopped node can be copied; this one is \(state)"
        case .full(let failure): "the disk is full: \(failure)"
        case .readOnly(let failure): "the file system is read-only: \(failure)"
        case .denied(let failure): "permission denied: \(failure)"
        case .io(let failure): failure.description
        case .missingWAL(let lsn, let name):
            "WAL at \(lsn) is needed but segment \(name) is missing"
        case .noCheckpoint(let lsn): "there is no readable checkpoint record at \(lsn)"
        case .endsBeforeConsistency(let end, let needed):
            "WAL ends at \(end), and the files need it up to \(needed)"
        case .incompleteBackup(let source):
            "it holds an incomplete base backup of \(source)"
        case .incompleteRewind(let source):
            "its rewind from \(source) was not finished"
        case .endsBeforeBackupEnd(let end):
            "WAL ends at \(end), before the end of the base backup"
        case .noThread(let failure): failure.description
        case .corrupt(let damage): damage.description
        case .unreplayable(let failure): failure.description
        case .damagedFile(let path, let reason): "file \"\(path)\" is damaged: \(reason)"
        }
    }
}
