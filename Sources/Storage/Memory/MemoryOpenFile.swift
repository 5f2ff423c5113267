internal import Glibc
internal import Synchronization

/// An open file of a `MemoryFileSystem`.
final class MemoryOpenFile: OpenFile {
    private let file: Int
    private let path: String
    private let fileSystem: MemoryFileSystem
    private let mode: OpenMode
    private let holdsLock: Bool

    init(
        _ file: Int, _ path: String, _ fileSystem: MemoryFileSystem, _ mode: OpenMode,
        holdsLock: Bool
    ) {
        self.file = file
        self.path = path
        self.fileSystem = fileSystem
        self.mode = mode
        self.holdsLock = holdsLock
    }

    deinit { fileSystem.close(file, path, holdsLock: holdsLock) }

    func size() throws(IOFailure) -> Int {
        try fileSystem.locked { state throws(IOFailure) in
            try state.admit(.size, path)
            return state.disk.files[file]?.bytes.count ?? 0
        }
    }

    func read(at offset: Int, count: Int) throws(IOFailure) -> [UInt8] {
        try fileSystem.locked { state throws(IOFailure) in
            try state.admit(.read, path)
            guard let bytes = state.disk.files[file]?.bytes, offset >= 0, offset < bytes.count
            else { return [] }
            return Array(bytes[offset..<min(bytes.count, offset + max(0, count))])
        }
    }

    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(IOFailure) {
        guard mode != .readOnly else { throw IOFailure(.write, path, code: EBADF) }
        try fileSystem.locked { state throws(IOFailure) in
            try state.admit(.write, path)
            switch state.arrive(at: .write, path) {
            case nil: state.disk.write(bytes, to: file, at: offset)
            case .powerLoss:
                state.hasPower = false
                throw IOFailure(.write, path, code: ENODEV)
            case .error(let code): throw IOFailure(.write, path, code: code)
            case .shortWrite(let count):
                state.disk.write(bytes.prefix(max(0, count)), to: file, at: offset)
                throw IOFailure(.write, path, code: ENOSPC)
            }
        }
    }

    func truncate(to count: Int) throws(IOFailure) {
        try fileSystem.locked { state throws(IOFailure) in
            try state.admit(.truncate, path)
            try state.pass(.truncate, .truncate, path)
            state.disk.truncate(file, to: max(0, count))
        }
    }

    func syncData() throws(IOFailure) { try sync(.syncData, .syncData) }

    func sync() throws(IOFailure) { try sync(.sync, .sync) }

    func loseUnsynced() { fileSystem.state.withLock { $0.disk.loseUnsynced(file) } }

    private func sync(
        _ call: DiskEdge.Call, _ operation: IOFailure.Operation
    ) throws(IOFailure) {
        try fileSystem.locked { state throws(IOFailure) in
            do throws(IOFailure) {
                try state.admit(operation, path)
                try state.pass(call, operation, path)
            } catch {
                // Without power nothing counts as clean: what was pending still may survive.
                if state.hasPower { state.disk.loseUnsynced(file) }
                throw error
            }
            state.disk.sync(file)
        }
    }
}
