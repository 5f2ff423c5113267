/// The disk as a data directory needs it: one root, paths relative to it, and every promise of
/// durability asked for by name.
///
/// It is not a general file system: no permissions, links, times or current directory. The same
/// node code runs on `RealFileSystem`, on `MemoryFileSystem`, which forgets at a crash what was not
/// synced, and on either behind a `FaultyFileSystem`.
///
/// - A file's bytes are durable after `OpenFile.syncData()` or `sync()`; its name (created,
///   renamed, removed) only after `syncDirectory` of the directory that holds it.
/// - Paths use `/`, are relative to the root, and never leave it. The root itself is `""`.
/// - Every failure is an `IOFailure`; nothing traps, nothing is retried after a failed sync.
public protocol FileSystem: Sendable {
    /// Opens a file. `.create` makes it (or empties an existing one); the other modes need it
    /// there.
    func open(_ path: String, _ mode: OpenMode) throws(IOFailure) -> any OpenFile
    /// Gives a file another name in one step, replacing whatever bore that name.
    func rename(_ path: String, to newPath: String) throws(IOFailure)
    /// Removes a file.
    func remove(_ path: String) throws(IOFailure)
    /// Makes a directory; one that exists already is fine.
    func makeDirectory(_ path: String) throws(IOFailure)
    /// Removes a directory that holds nothing any more.
    func removeDirectory(_ path: String) throws(IOFailure)
    /// The names in a directory, sorted bytewise, without `.` and `..`.
    func list(_ path: String) throws(IOFailure) -> [String]
    /// Makes creations, renames and removals in a directory durable.
    func syncDirectory(_ path: String) throws(IOFailure)
    /// Takes the exclusive lock on a lock file, made if needed. Held as long as the result lives.
    /// Fails with `.locked` when someone else, in this process or another, holds it.
    func lock(_ path: String) throws(IOFailure) -> any OpenFile
}

/// How a file is opened.
public enum OpenMode: Hashable, Sendable {
    /// The file must exist; writing to it fails.
    case readOnly
    /// The file must exist.
    case readWrite
    /// The file is made, or emptied when it exists.
    case create
}

/// An open file; closed when the last reference goes.
public protocol OpenFile: Sendable {
    /// The file's length in bytes.
    func size() throws(IOFailure) -> Int
    /// Up to `count` bytes from `offset`; fewer only when the file ends there.
    func read(at offset: Int, count: Int) throws(IOFailure) -> [UInt8]
    /// Writes all the bytes at `offset`, or fails; part of them may then be written.
    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(IOFailure)
    /// Cuts or extends (with zeros) the file to `count` bytes.
    func truncate(to count: Int) throws(IOFailure)
    /// Makes the file's bytes durable, and as much of its metadata as reading them needs:
    /// fdatasync.
    func syncData() throws(IOFailure)
    /// Makes the file's bytes and metadata durable: fsync.
    func sync() throws(IOFailure)
    /// Does what a failed sync does besides failing, where that can be done: what was written and
    /// not synced counts as clean from now on and never becomes durable.
    func loseUnsynced()
}

extension OpenFile {
    /// The operating system does not do that on request.
    public func loseUnsynced() {}
}

extension FileSystem {
    /// The whole of a file.
    /// - Parameter limit: what is longer is not read, and cannot be what it is taken for: without a
    ///   limit somebody's file full of nothing could fill the memory.
    public func contents(
        of path: String, atMost limit: Int = 16 << 20
    ) throws(IOFailure) -> [UInt8] {
        let file = try open(path, .readOnly)
        let size = try file.size()
        guard size <= limit else { throw IOFailure(.read, path, code: IOFailure.oversized) }
        return try file.read(at: 0, count: size)
    }

    /// The whole of a file, or nil when there is none by that name.
    public func contentsIfPresent(
        of path: String, atMost limit: Int = 16 << 20
    ) throws(IOFailure) -> [UInt8]? {
        do {
            return try contents(of: path, atMost: limit)
        } catch {
            guard error.kind == .missing else { throw error }
            return nil
        }
    }

    /// Writes a file that is durable under its name when this returns. A crash in the middle leaves
    /// a whole old file or a whole new one: temporary name, fsync, rename, fsync of the directory.
    public func replace(_ path: String, with bytes: [UInt8]) throws(IOFailure) {
        let temporary = path + ".tmp"
        do {
            let file = try open(temporary, .create)
            try file.write(bytes[...], at: 0)
            try file.sync()
        } catch {
            // A half-written temporary only takes room, which may be what is short.
            if !error.isFailedSync { try? remove(temporary) }
            throw error
        }
        try rename(temporary, to: path)
        try syncDirectory(Self.directory(of: path))
    }

    /// Whether a file of that name exists and can be opened.
    public func exists(_ path: String) throws(IOFailure) -> Bool {
        do {
            _ = try open(path, .readOnly)
            return true
        } catch {
            guard error.kind == .missing else { throw error }
            return false
        }
    }

    /// The directory part of a path; `""` for a name in the root.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }
}
