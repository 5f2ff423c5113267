internal import Glibc

/// A directory of the operating system's, through its own calls.
///
/// - The root is held open, so renaming it elsewhere does not lead a node into another directory.
/// - EINTR is retried, except on a sync; a short write is continued.
/// - Only regular files are opened. A pipe or a device under a file's name would let whoever opens
///   it wait for ever.
public final class RealFileSystem: FileSystem {
    private let root: Int32

    /// Opens an existing directory.
    /// - Throws: an `IOFailure` that names the path, kind `.missing` when there is none.
    public init(opening path: String) throws(IOFailure) {
        root = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw IOFailure(.open, path, code: errno) }
    }

    /// Opens a directory, making it first (mode 0700, not its parents) when it is missing.
    public convenience init(creating path: String) throws(IOFailure) {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw IOFailure(.makeDirectory, path, code: errno)
        }
        try self.init(opening: path)
    }

    deinit { close(root) }

    /// Opens a file.
    public func open(_ path: String, _ mode: OpenMode) throws(IOFailure) -> any OpenFile {
        let flags =
            switch mode {
            case .readOnly: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_TRUNC
            }
        return try openFile(path, flags)
    }

    /// Renames a file over whatever bears the new name.
    public func rename(_ path: String, to newPath: String) throws(IOFailure) {
        try check(.rename, path) { renameat(root, path, root, newPath) }
    }

    /// Removes a file.
    public func remove(_ path: String) throws(IOFailure) {
        try check(.remove, path) { unlinkat(root, path, 0) }
    }

    /// Makes a directory, mode 0700.
    public func makeDirectory(_ path: String) throws(IOFailure) {
        guard mkdirat(root, path, 0o700) != 0, errno != EEXIST else { return }
        throw IOFailure(.makeDirectory, path, code: errno)
    }

    /// Removes an empty directory.
    public func removeDirectory(_ path: String) throws(IOFailure) {
        try check(.remove, path) { unlinkat(root, path, AT_REMOVEDIR) }
    }

    /// The names in a directory, sorted.
    public func list(_ path: String) throws(IOFailure) -> [String] {
        let descriptor = openat(root, Self.nonempty(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw IOFailure(.list, path, code: errno) }
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw IOFailure(.list, path, code: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw IOFailure(.list, path, code: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes a directory's entries durable.
    public func syncDirectory(_ path: String) throws(IOFailure) {
        let descriptor = openat(root, Self.nonempty(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw IOFailure(.open, path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw IOFailure(.syncDirectory, path, code: errno) }
    }

    /// Locks a file, made if needed; also against another opening in this process (flock).
    public func lock(_ path: String) throws(IOFailure) -> any OpenFile {
        let file = try openFile(path, O_RDWR | O_CREAT, isLock: true)
        try check(.lock, path) { flock(file.descriptor, LOCK_EX | LOCK_NB) }
        return file
    }

    private func openFile(
        _ path: String, _ flags: Int32, isLock: Bool = false
    ) throws(IOFailure) -> RealFile {
        var descriptor: Int32
        repeat {
            // Not to wait for a pipe's other end; to a regular file it makes no difference.
            descriptor = openat(root, path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
        } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw IOFailure(.open, path, code: errno) }
        let file = RealFile(descriptor: descriptor, path: path, isLock: isLock)
        guard try file.status().st_mode & S_IFMT == S_IFREG else {
            throw IOFailure(.open, path, code: IOFailure.notAFile)
        }
        return file
    }

    private static func nonempty(_ path: String) -> String { path.isEmpty ? "." : path }
}

/// Runs a call that answers 0, again when a signal interrupted it.
private func check(
    _ operation: IOFailure.Operation, _ path: String, _ call: () -> Int32
) throws(IOFailure) {
    while call() != 0 {
        guard errno == EINTR else { throw IOFailure(operation, path, code: errno) }
    }
}

/// An open file descriptor.
final class RealFile: OpenFile {
    let descriptor: Int32
    private let path: String
    private let isLock: Bool

    init(descriptor: Int32, path: String, isLock: Bool = false) {
        self.descriptor = descriptor
        self.path = path
        self.isLock = isLock
    }

    deinit {
        // Not only closed: a child process that is just being started may hold a copy of the
        // descriptor for a moment yet, and the lock with it.
        if isLock { flock(descriptor, LOCK_UN) }
        close(descriptor)
    }

    func size() throws(IOFailure) -> Int { Int(try status().st_size) }

    func status() throws(IOFailure) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw IOFailure(.size, path, code: errno) }
        return status
    }

    func read(at offset: Int, count: Int) throws(IOFailure) -> [UInt8] {
        // The array of no bytes is one object for all threads, and this initializer writes its
        // count into it: the same zero, but a race to a thread sanitizer.
        guard count > 0 else { return [] }
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let got = pread(descriptor, base + filled, count - filled, offset + filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { code = errno }
                if got <= 0 { return }
                filled += got
            }
        }
        guard code == 0 else { throw IOFailure(.read, path, code: code) }
        return bytes
    }

    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(IOFailure) {
        let code = bytes.withUnsafeBytes { buffer -> Int32 in
            var done = 0
            while done < buffer.count, let base = buffer.baseAddress {
                let put = pwrite(descriptor, base + done, buffer.count - done, offset + done)
                if put < 0, errno == EINTR { continue }
                // A write of nothing that is no error: only a full device explains it.
                if put <= 0 { return put < 0 ? errno : ENOSPC }
                done += put
            }
            return 0
        }
        guard code == 0 else { throw IOFailure(.write, path, code: code) }
    }

    func truncate(to count: Int) throws(IOFailure) {
        try check(.truncate, path) { ftruncate(descriptor, count) }
    }

    func syncData() throws(IOFailure) {
        guard fdatasync(descriptor) == 0 else { throw IOFailure(.syncData, path, code: errno) }
    }

    func sync() throws(IOFailure) {
        guard fsync(descriptor) == 0 else { throw IOFailure(.sync, path, code: errno) }
    }
}
