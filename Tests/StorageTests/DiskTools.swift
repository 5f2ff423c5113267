import Synchronization
import TableFormat

@testable import Storage

extension MemoryFileSystem {
    /// A copy that shares nothing and holds no lock; everything in it is durable.
    func copy() -> MemoryFileSystem { crash(.everything, seed: 0) }

    /// All files and their bytes as a reader sees them.
    var snapshot: [String: [UInt8]] {
        let disk = image
        return disk.names.compactMapValues { entry in
            guard case .file(let number) = entry else { return nil }
            return disk.files[number]?.bytes
        }
    }

    /// Changes a file's bytes behind everyone's back, durably.
    func damage(_ path: String, _ body: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard let file = state.disk.file(at: path) else { return }
            state.disk.replaceSilently(file, body)
        }
    }

    /// Adds a file, or removes one (nil), behind everyone's back.
    func put(_ path: String, _ bytes: [UInt8]?) {
        state.withLock { state in
            if let found = state.disk.file(at: path) { state.disk.remove(path, .file(found)) }
            guard let bytes else { return }
            let file = state.disk.makeFile(path)
            state.disk.replaceSilently(file) { $0 = bytes }
        }
    }
}

/// Notes every call to a file system, and hands them out as text.
final class CallTrace: Sendable {
    private let calls = Mutex<[String]>([])

    init(_ fileSystem: MemoryFileSystem) {
        fileSystem.intercept { [self] operation, path in
            calls.withLock { $0.append("\(operation.rawValue) \(path)") }
            return nil
        }
    }

    /// The calls since the last time.
    func take() -> [String] {
        calls.withLock { calls in
            defer { calls = [] }
            return calls
        }
    }
}
