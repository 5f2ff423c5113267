import Storage
import Synchronization

/// Files in memory, for tests: quick to copy, easy to damage, and failing on request. A crash here
/// loses nothing; what a crash may lose is another implementation's business.
final class MemoryFileSystem: FileSystem {
    typealias Refusal = @Sendable (IOFailure.Operation, String) -> Int32?

    struct State {
        var files: [String: MemoryFile.Contents] = [:]
        var directories: Set<String> = [""]
        var locked: Set<String> = []
        var operations: [String] = []
        var refusal: Refusal?
    }

    let state = Mutex(State())

    init() {}

    /// A copy that shares nothing.
    func copy() -> MemoryFileSystem {
        let files = snapshot
        let directories = state.withLock { $0.directories }
        let copy = MemoryFileSystem()
        copy.state.withLock {
            $0.directories = directories
            $0.files = files.mapValues { MemoryFile.Contents($0) }
        }
        return copy
    }

    /// All files and their bytes.
    var snapshot: [String: [UInt8]] {
        state.withLock { $0.files }.mapValues { $0.bytes.withLock { $0 } }
    }

    /// The operations since the last call.
    func takeOperations() -> [String] {
        state.withLock { state in
            defer { state.operations = [] }
            return state.operations
        }
    }

    /// From now on an operation fails with the error number that `refusal` answers.
    func fail(_ refusal: Refusal?) {
        state.withLock { $0.refusal = refusal }
    }

    /// Changes a file's bytes behind everyone's back.
    func damage(_ path: String, _ body: (inout [UInt8]) -> Void) {
        let contents = state.withLock { $0.files[path] }
        contents?.bytes.withLock { body(&$0) }
    }

    /// Adds a file, or removes one (nil), behind everyone's back.
    func put(_ path: String, _ bytes: [UInt8]?) {
        state.withLock { $0.files[path] = bytes.map { MemoryFile.Contents($0) } }
    }

    func admit(_ operation: IOFailure.Operation, _ path: String) throws(IOFailure) {
        let code = state.withLock { state in
            state.operations.append("\(operation.rawValue) \(path)")
            return state.refusal?(operation, path)
        }
        if let code { throw IOFailure(operation, path, code: code) }
    }

    func open(_ path: String, _ mode: OpenMode) throws(IOFailure) -> any OpenFile {
        try admit(.open, path)
        let contents = state.withLock { state -> MemoryFile.Contents? in
            if mode == .create { state.files[path] = MemoryFile.Contents([]) }
            return state.files[path]
        }
        guard let contents else { throw IOFailure(.open, path, code: 2) }
        return MemoryFile(path, contents, self)
    }

    func rename(_ path: String, to newPath: String) throws(IOFailure) {
        try admit(.rename, path)
        let found = state.withLock { state in
            guard let contents = state.files.removeValue(forKey: path) else { return false }
            state.files[newPath] = contents
            return true
        }
        if !found { throw IOFailure(.rename, path, code: 2) }
    }

    func remove(_ path: String) throws(IOFailure) {
        try admit(.remove, path)
        let found = state.withLock { $0.files.removeValue(forKey: path) != nil }
        if !found { throw IOFailure(.remove, path, code: 2) }
    }

    func makeDirectory(_ path: String) throws(IOFailure) {
        try admit(.makeDirectory, path)
        state.withLock { _ = $0.directories.insert(path) }
    }

    func list(_ path: String) throws(IOFailure) -> [String] {
        try admit(.list, path)
        let prefix = path.isEmpty ? "" : path + "/"
        let names = state.withLock { state in
            (Array(state.files.keys) + state.directories).filter {
                $0.hasPrefix(prefix) && $0 != path && !$0.dropFirst(prefix.count).contains("/")
            }
        }
        return names.map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    func syncDirectory(_ path: String) throws(IOFailure) {
        try admit(.syncDirectory, path)
    }

    func lock(_ path: String) throws(IOFailure) -> any OpenFile {
        try admit(.lock, path)
        let isNew = state.withLock { $0.locked.insert(path).inserted }
        guard isNew else { throw IOFailure(.lock, path, code: 11) }
        return MemoryFile(path, MemoryFile.Contents([]), self, holdsLock: true)
    }
}

/// An open file in memory.
final class MemoryFile: OpenFile {
    final class Contents: Sendable {
        let bytes: Mutex<[UInt8]>
        init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }
    }

    private let path: String
    private let contents: Contents
    private let fileSystem: MemoryFileSystem
    private let holdsLock: Bool

    init(
        _ path: String, _ contents: Contents, _ fileSystem: MemoryFileSystem,
        holdsLock: Bool = false
    ) {
        self.path = path
        self.contents = contents
        self.fileSystem = fileSystem
        self.holdsLock = holdsLock
    }

    deinit {
        if holdsLock { fileSystem.state.withLock { _ = $0.locked.remove(path) } }
    }

    func size() throws(IOFailure) -> Int {
        contents.bytes.withLock { $0.count }
    }

    func read(at offset: Int, count: Int) throws(IOFailure) -> [UInt8] {
        try fileSystem.admit(.read, path)
        return contents.bytes.withLock { bytes in
            guard offset < bytes.count else { return [] }
            return Array(bytes[offset..<min(bytes.count, offset + count)])
        }
    }

    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(IOFailure) {
        try fileSystem.admit(.write, path)
        contents.bytes.withLock { content in
            let missing = offset + bytes.count - content.count
            if missing > 0 { content += [UInt8](repeating: 0, count: missing) }
            content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
    }

    func truncate(to count: Int) throws(IOFailure) {
        try fileSystem.admit(.truncate, path)
        contents.bytes.withLock { content in
            if count < content.count {
                content.removeSubrange(count...)
            } else {
                content += [UInt8](repeating: 0, count: count - content.count)
            }
        }
    }

    func syncData() throws(IOFailure) { try fileSystem.admit(.syncData, path) }
    func sync() throws(IOFailure) { try fileSystem.admit(.sync, path) }
}
