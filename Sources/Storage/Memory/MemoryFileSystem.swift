internal import Glibc
internal import Synchronization

/// Files in memory that know what a power loss would leave of them: of each file which bytes are
/// durable and which only written, of each directory which names.
///
/// - A file's bytes become durable with `syncData` or `sync`, a name with `syncDirectory`. Until
///   then `crash` decides, by a draw of its own for each of them.
/// - A sync that fails leaves bytes that read as written, count as clean and never become durable.
/// - Every call that changes the disk or makes a change durable is an edge. They are counted, and
///   at one of them a fault can be planned.
/// - It models no rotting bits and no lying disk; see the functions of `FileSystem` that damage
///   files on purpose.
public final class MemoryFileSystem: FileSystem {
    struct State {
        var disk = MemoryDisk()
        var locked: Set<String> = []
        var openFiles: [Int: Int] = [:]
        var edgeCount = 0
        var plan: (edge: Int, fault: EdgeFault)?
        var hasPower = true
        var observer: (@Sendable (DiskEdge, MemoryDisk) -> Void)?
        var interceptor: Interceptor?
    }

    /// Sees every call, reads included, and may refuse it with an error number.
    typealias Interceptor = @Sendable (IOFailure.Operation, String) -> Int32?

    let state: Mutex<State>

    /// An empty disk: a root without files.
    public convenience init() { self.init(MemoryDisk()) }

    init(_ disk: MemoryDisk) {
        state = Mutex(State(disk: disk))
    }

    /// The edges passed since this file system was made.
    public var edgeCount: Int { state.withLock { $0.edgeCount } }

    /// Plans what happens at an edge still to come; one plan at a time, nil for none.
    public func planFault(_ fault: EdgeFault?, atEdge edge: Int) {
        state.withLock { $0.plan = fault.map { (edge, $0) } }
    }

    /// The disk as found after a power loss at this moment, with no one holding a lock; this file
    /// system stays as it is. The same seed gives the same disk.
    public func crash(_ survival: Survival, seed: UInt64) -> MemoryFileSystem {
        MemoryFileSystem(image.afterPowerLoss(survival, seed: seed))
    }

    /// The disk as found after the process that used it was killed, with no one holding a lock: the
    /// kernel lives, so all that was written reads as before, synced or not.
    public func afterProcessEnd() -> MemoryFileSystem { MemoryFileSystem(image) }

    /// Bytes that were written and not synced: what a power loss may take.
    public var unsyncedByteCount: Int { image.unsyncedByteCount }

    /// The disk as it is now.
    var image: MemoryDisk { state.withLock { $0.disk } }

    /// Lets a test see the disk just before each edge.
    func observeEdges(_ observer: (@Sendable (DiskEdge, MemoryDisk) -> Void)?) {
        state.withLock { $0.observer = observer }
    }

    /// Lets a test see, and refuse, every call.
    func intercept(_ interceptor: Interceptor?) {
        state.withLock { $0.interceptor = interceptor }
    }

    // MARK: FileSystem

    /// Opens a file; making it, or emptying one that is there, is an edge.
    public func open(_ path: String, _ mode: OpenMode) throws(IOFailure) -> any OpenFile {
        try locked { state throws(IOFailure) in
            try state.admit(.open, path)
            let found = state.disk.file(at: path)
            switch mode {
            case .readOnly, .readWrite:
                guard let found else { throw IOFailure(.open, path, code: ENOENT) }
                return handle(found, path, mode, &state)
            case .create:
                return handle(try state.create(path), path, mode, &state)
            }
        }
    }

    /// Renames a file; an edge.
    public func rename(_ path: String, to newPath: String) throws(IOFailure) {
        try locked { state throws(IOFailure) in
            try state.admit(.rename, path)
            guard let file = state.disk.file(at: path), state.disk.hasParent(of: newPath) else {
                throw IOFailure(.rename, path, code: ENOENT)
            }
            try state.pass(.rename, .rename, path)
            state.disk.rename(path, to: newPath, .file(file))
        }
    }

    /// Removes a file; an edge.
    public func remove(_ path: String) throws(IOFailure) {
        try locked { state throws(IOFailure) in
            try state.admit(.remove, path)
            guard let file = state.disk.file(at: path) else {
                throw IOFailure(.remove, path, code: ENOENT)
            }
            try state.pass(.remove, .remove, path)
            state.disk.remove(path, .file(file))
        }
    }

    /// Makes a directory; an edge unless it is there.
    public func makeDirectory(_ path: String) throws(IOFailure) {
        try locked { state throws(IOFailure) in
            try state.admit(.makeDirectory, path)
            guard !state.disk.isDirectory(path) else { return }
            guard state.disk.hasParent(of: path) else {
                throw IOFailure(.makeDirectory, path, code: ENOENT)
            }
            try state.pass(.makeDirectory, .makeDirectory, path)
            state.disk.makeDirectory(path)
        }
    }

    /// Removes an empty directory; an edge.
    public func removeDirectory(_ path: String) throws(IOFailure) {
        try locked { state throws(IOFailure) in
            try state.admit(.remove, path)
            guard state.disk.isDirectory(path), !path.isEmpty else {
                throw IOFailure(.remove, path, code: ENOENT)
            }
            guard state.disk.list(path).isEmpty else {
                throw IOFailure(.remove, path, code: ENOTEMPTY)
            }
            try state.pass(.remove, .remove, path)
            state.disk.remove(path, .directory)
        }
    }

    /// The names in a directory.
    public func list(_ path: String) throws(IOFailure) -> [String] {
        try locked { state throws(IOFailure) in
            try state.admit(.list, path)
            guard state.disk.isDirectory(path) else {
                let isFile = state.disk.file(at: path) != nil
                throw IOFailure(.list, path, code: isFile ? ENOTDIR : ENOENT)
            }
            return state.disk.list(path)
        }
    }

    /// Makes the names in a directory durable; an edge.
    public func syncDirectory(_ path: String) throws(IOFailure) {
        try locked { state throws(IOFailure) in
            try state.admit(.syncDirectory, path)
            guard state.disk.isDirectory(path) else { throw IOFailure(.open, path, code: ENOENT) }
            try state.pass(.syncDirectory, .syncDirectory, path)
            state.disk.syncDirectory(path)
            state.disk.forgetFiles(except: Set(state.openFiles.keys))
        }
    }

    /// Locks a file, made if needed. A power loss ends all locks.
    public func lock(_ path: String) throws(IOFailure) -> any OpenFile {
        try locked { state throws(IOFailure) in
            try state.admit(.lock, path)
            guard !state.locked.contains(path) else {
                throw IOFailure(.lock, path, code: EWOULDBLOCK)
            }
            let found = state.disk.file(at: path)
            let file = if let found { found } else { try state.create(path) }
            state.locked.insert(path)
            return handle(file, path, .readWrite, &state, holdsLock: true)
        }
    }

    func locked<Answer>(
        _ body: (inout State) throws(IOFailure) -> Answer
    ) throws(IOFailure) -> Answer {
        try state.withLock { state throws(IOFailure) in try body(&state) }
    }

    private func handle(
        _ file: Int, _ path: String, _ mode: OpenMode, _ state: inout State, holdsLock: Bool = false
    ) -> MemoryOpenFile {
        state.openFiles[file, default: 0] += 1
        return MemoryOpenFile(file, path, self, mode, holdsLock: holdsLock)
    }

    func close(_ file: Int, _ path: String, holdsLock: Bool) {
        state.withLock { state in
            if holdsLock { state.locked.remove(path) }
            let others = state.openFiles[file, default: 1] - 1
            state.openFiles[file] = others > 0 ? others : nil
        }
    }
}

extension MemoryFileSystem.State {
    /// Refuses a call to a disk without power, or one that a test wants refused.
    func admit(_ operation: IOFailure.Operation, _ path: String) throws(IOFailure) {
        guard hasPower else { throw IOFailure(operation, path, code: ENODEV) }
        if let code = interceptor?(operation, path) {
            throw IOFailure(operation, path, code: code)
        }
    }

    /// Passes an edge, unless a fault was planned for it.
    mutating func pass(
        _ call: DiskEdge.Call, _ operation: IOFailure.Operation, _ path: String
    ) throws(IOFailure) {
        guard let fault = arrive(at: call, path) else { return }
        switch fault {
        case .powerLoss:
            hasPower = false
            throw IOFailure(operation, path, code: ENODEV)
        case .error(let code): throw IOFailure(operation, path, code: code)
        case .shortWrite: throw IOFailure(operation, path, code: ENOSPC)
        }
    }

    /// Counts an edge; answers the fault planned for it.
    mutating func arrive(at call: DiskEdge.Call, _ path: String) -> EdgeFault? {
        edgeCount += 1
        observer?(DiskEdge(number: edgeCount, call: call, path: path), disk)
        guard let plan, plan.edge == edgeCount else { return nil }
        self.plan = nil
        return plan.fault
    }

    /// Makes a file, or empties the one that is there.
    fileprivate mutating func create(_ path: String) throws(IOFailure) -> Int {
        guard disk.hasParent(of: path), !disk.isDirectory(path) else {
            throw IOFailure(.open, path, code: disk.isDirectory(path) ? EISDIR : ENOENT)
        }
        try pass(.create, .open, path)
        guard let file = disk.file(at: path) else { return disk.makeFile(path) }
        disk.truncate(file, to: 0)
        return file
    }
}
