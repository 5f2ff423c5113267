internal import Synchronization

/// An empty directory that a base backup fills, and that is no data directory before the last byte
/// of it is durable. PostgreSQL: what `pg_basebackup` does to its target.
///
/// - From the first job to the last the directory says that it is an incomplete backup, and of
///   whom: no crash in between leaves anything that could be taken for a node.
/// - Paths are the caller's to check; jobs may come from any thread, and wait for one another.
public final class BackupTarget: Sendable {
    /// What is done to the directory.
    public enum Job: Hashable, Sendable {
        /// Marks it, and takes everything out of it: the first job.
        case empty
        /// The same after a failure, and the last job.
        case giveUp
        /// Makes a directory whose parent is there.
        case makeDirectory(String)
        /// Writes a piece of a file; the piece at 0 makes the file.
        case write(path: String, at: Int, bytes: [UInt8])
        /// Makes everything durable, then a standby of it, and takes the mark off.
        case finish(manifest: [UInt8])
    }

    fileprivate struct State {
        let fileSystem: any FileSystem
        let source: String
        var lock: (any OpenFile)?
        var file: (path: String, file: any OpenFile)?
    }

    private let state: Mutex<State>

    /// - Parameter source: the node of which the backup is made, for the mark.
    public init(_ fileSystem: any FileSystem, source: String) {
        state = Mutex(State(fileSystem: fileSystem, source: source))
    }

    /// Lets the directory go as it is: the power is gone.
    public func abandon() {
        state.withLock { state in
            state.file = nil
            state.lock = nil
        }
    }

    /// Performs one job now, on the calling thread; says why it failed.
    public func perform(_ job: Job) -> DiskFailure? {
        state.withLock { state in
            do throws(IOFailure) {
                try state.perform(job)
                return nil
            } catch {
                return .io(error)
            }
        }
    }
}

extension BackupTarget.State {
    fileprivate mutating func perform(_ job: BackupTarget.Job) throws(IOFailure) {
        switch job {
        case .empty:
            if lock == nil { lock = try fileSystem.lock(DirectoryLayout.lock) }
            file = nil
            try fileSystem.replace(
                DirectoryLayout.incompleteBackup, with: Array("\(source)\n".utf8))
            try fileSystem.removeAll(keeping: [
                DirectoryLayout.incompleteBackup, DirectoryLayout.lock,
            ])
        case .giveUp:
            defer { lock = nil }
            try perform(.empty)
        case .makeDirectory(let path):
            try fileSystem.makeDirectory(path)
        case .write(let path, let offset, let bytes):
            try write(bytes, to: path, at: offset)
        case .finish(let manifest):
            try closeFile()
            try fileSystem.replace(DirectoryLayout.backupManifest, with: manifest)
            try fileSystem.replace(DirectoryLayout.standbySignal, with: [])
            try fileSystem.syncDirectories()
            try fileSystem.remove(DirectoryLayout.incompleteBackup)
            try fileSystem.syncDirectory("")
            lock = nil
        }
    }

    private mutating func write(
        _ bytes: [UInt8], to path: String, at offset: Int
    ) throws(IOFailure) {
        if offset == 0 {
            try closeFile()
            file = (path, try fileSystem.open(path, .create))
        }
        guard let file, file.path == path else { throw .missing(.write, path) }
        try file.file.write(bytes[...], at: offset)
    }

    private mutating func closeFile() throws(IOFailure) {
        try file?.file.sync()
        file = nil
    }
}

extension FileSystem {
    /// Removes everything but some of the root's files: a directory may stand in a file's place.
    fileprivate func removeAll(keeping kept: Set<String>) throws(IOFailure) {
        func empty(_ directory: String) throws(IOFailure) {
            for name in try list(directory) {
                let path = directory.isEmpty ? name : directory + "/" + name
                if try isDirectory(path) {
                    try empty(path)
                    try removeDirectory(path)
                } else if !kept.contains(path) {
                    try remove(path)
                }
            }
            try syncDirectory(directory)
        }
        try empty("")
    }

    /// Makes the names in all directories durable.
    fileprivate func syncDirectories() throws(IOFailure) {
        func sync(_ directory: String) throws(IOFailure) {
            for name in try list(directory) {
                let path = directory.isEmpty ? name : directory + "/" + name
                if try isDirectory(path) { try sync(path) }
            }
            try syncDirectory(directory)
        }
        try sync("")
    }
}
