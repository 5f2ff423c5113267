internal import Glibc
internal import Synchronization

/// A file system in front of another one that fails when told to: the faults a lesson asks for by
/// command, on a real disk as well as on one in memory.
///
/// - Without a fault it passes everything on.
/// - A full disk refuses what would take new room: bytes behind a file's end. Overwriting, as in a
///   preallocated WAL segment, goes on, and removing a file gives its room back.
/// - A failed sync is passed on as lost (`OpenFile.loseUnsynced`), never done and then denied.
public final class FaultyFileSystem: FileSystem {
    struct Faults {
        var failingSyncs = 0
        var failedSyncs = 0
        /// Bytes that may still be taken; nil: no limit.
        var room: Int?
    }

    private let base: any FileSystem
    let faults = Mutex(Faults())

    /// No faults yet.
    public init(_ base: any FileSystem) {
        self.base = base
    }

    /// The next `count` syncs, of files or directories, fail with EIO.
    public func failNextSyncs(_ count: Int = 1) {
        faults.withLock { $0.failingSyncs = max(0, count) }
    }

    /// Syncs that were made to fail so far.
    public var failedSyncCount: Int { faults.withLock { $0.failedSyncs } }

    /// The disk is full but for this many bytes; nil lifts the limit.
    public func limitRoom(to byteCount: Int?) {
        faults.withLock { $0.room = byteCount.map { max(0, $0) } }
    }

    /// The bytes left on the disk; nil when there is no limit.
    public var room: Int? { faults.withLock { $0.room } }

    /// Opens a file. Emptying one gives its room back.
    public func open(_ path: String, _ mode: OpenMode) throws(IOFailure) -> any OpenFile {
        let freed = mode == .create ? size(of: path) : 0
        let file = try base.open(path, mode)
        giveBack(freed)
        return FaultyFile(file, path, self)
    }

    /// Renames a file; the one it replaces gives its room back.
    public func rename(_ path: String, to newPath: String) throws(IOFailure) {
        let freed = size(of: newPath)
        try base.rename(path, to: newPath)
        giveBack(freed)
    }

    /// Removes a file; it gives its room back.
    public func remove(_ path: String) throws(IOFailure) {
        let freed = size(of: path)
        try base.remove(path)
        giveBack(freed)
    }

    /// Makes a directory, which takes no room here.
    public func makeDirectory(_ path: String) throws(IOFailure) { try base.makeDirectory(path) }

    /// Removes a directory, which gives no room back.
    public func removeDirectory(_ path: String) throws(IOFailure) {
        try base.removeDirectory(path)
    }

    /// The names in a directory.
    public func list(_ path: String) throws(IOFailure) -> [String] { try base.list(path) }

    /// Makes names durable, or fails on request.
    public func syncDirectory(_ path: String) throws(IOFailure) {
        if takeFailingSync() { throw IOFailure(.syncDirectory, path, code: EIO) }
        try base.syncDirectory(path)
    }

    /// Locks a file.
    public func lock(_ path: String) throws(IOFailure) -> any OpenFile { try base.lock(path) }

    /// Whether the next sync fails; counts it.
    func takeFailingSync() -> Bool {
        faults.withLock { faults in
            guard faults.failingSyncs > 0 else { return false }
            faults.failingSyncs -= 1
            faults.failedSyncs += 1
            return true
        }
    }

    /// Takes room; answers how much of it there was.
    func takeRoom(_ wanted: Int) -> Int {
        faults.withLock { faults in
            guard let room = faults.room else { return wanted }
            let taken = min(room, wanted)
            faults.room = room - taken
            return taken
        }
    }

    func giveBack(_ byteCount: Int) {
        faults.withLock { faults in faults.room = faults.room.map { $0 + byteCount } }
    }

    /// A file's length if there is a limit that makes it matter.
    private func size(of path: String) -> Int {
        guard room != nil else { return 0 }
        return (try? base.open(path, .readOnly).size()) ?? 0
    }
}

/// An open file behind faults.
private final class FaultyFile: OpenFile {
    private let base: any OpenFile
    private let path: String
    private let fileSystem: FaultyFileSystem

    init(_ base: any OpenFile, _ path: String, _ fileSystem: FaultyFileSystem) {
        self.base = base
        self.path = path
        self.fileSystem = fileSystem
    }

    func size() throws(IOFailure) -> Int { try base.size() }

    func read(at offset: Int, count: Int) throws(IOFailure) -> [UInt8] {
        try base.read(at: offset, count: count)
    }

    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(IOFailure) {
        guard fileSystem.room != nil else { return try base.write(bytes, at: offset) }
        let wanted = max(0, offset + bytes.count - (try base.size()))
        let taken = fileSystem.takeRoom(wanted)
        // As a real disk does, it takes what fits.
        let fitting = bytes.dropLast(wanted - taken)
        if !fitting.isEmpty { try base.write(fitting, at: offset) }
        guard taken == wanted else { throw IOFailure(.write, path, code: ENOSPC) }
    }

    func truncate(to count: Int) throws(IOFailure) {
        let freed = fileSystem.room == nil ? 0 : try base.size() - count
        try base.truncate(to: count)
        fileSystem.giveBack(max(0, freed))
    }

    func syncData() throws(IOFailure) {
        try failIfWanted(.syncData)
        try base.syncData()
    }

    func sync() throws(IOFailure) {
        try failIfWanted(.sync)
        try base.sync()
    }

    func loseUnsynced() { base.loseUnsynced() }

    private func failIfWanted(_ operation: IOFailure.Operation) throws(IOFailure) {
        guard fileSystem.takeFailingSync() else { return }
        base.loseUnsynced()
        throw IOFailure(operation, path, code: EIO)
    }
}
