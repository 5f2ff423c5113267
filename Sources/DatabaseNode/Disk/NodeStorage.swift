package import Storage
import Synchronization

/// Where a node's files are: a directory of the operating system's, or memory that forgets what was
/// not synced. The node's code is the same on both.
///
/// - It outlives the node's process; a power loss may leave other files in it than there were.
package final class NodeStorage: Sendable {
    private enum Files {
        /// The operating system's: a crash of the lab's takes nothing of them.
        case files(any FileSystem)
        /// Memory that does as those.
        case lasting(MemoryFileSystem)
        case forgetful(MemoryFileSystem)
    }

    private let state: Mutex<Files>
    /// What the log said that is not in these files any more.
    package let removedCommits: RemovedCommits

    /// - Parameter shared: of several nodes' logs, what they say alike.
    package convenience init(
        _ fileSystem: any FileSystem, sharing shared: SharedCommits = SharedCommits()
    ) {
        self.init(.files(fileSystem), shared)
    }

    /// Files in memory that a power loss takes nothing from.
    package convenience init(
        lasting memory: MemoryFileSystem, sharing shared: SharedCommits = SharedCommits()
    ) {
        self.init(.lasting(memory), shared)
    }

    /// Files that a power loss takes from what was not synced.
    package convenience init(
        forgetful memory: MemoryFileSystem, sharing shared: SharedCommits = SharedCommits()
    ) {
        self.init(.forgetful(memory), shared)
    }

    private init(_ files: Files, _ shared: SharedCommits) {
        state = Mutex(files)
        removedCommits = RemovedCommits(sharing: shared)
    }

    /// The files as they are now.
    package var fileSystem: any FileSystem {
        state.withLock { files in
            switch files {
            case .files(let fileSystem): fileSystem
            case .lasting(let memory), .forgetful(let memory): memory
            }
        }
    }

    /// Whether nobody waits for it, so that it needs no thread of its own. A forgetful disk has one
    /// for all that: whoever crashes it wants to see what threads do.
    var isInstant: Bool {
        state.withLock { files in
            switch files {
            case .files, .forgetful: false
            case .lasting: true
            }
        }
    }

    /// Bytes written and not synced, on forgetful memory; nil on what keeps them.
    package var unsyncedByteCount: Int? {
        state.withLock { files in
            switch files {
            case .files, .lasting: nil
            case .forgetful(let memory): memory.unsyncedByteCount
            }
        }
    }

    /// The power goes. On forgetful memory `survival` decides what is left of the unsynced writes;
    /// the operating system's files keep them all, since the kernel lives.
    package func losePower(_ survival: Survival, seed: UInt64) {
        state.withLock { files in
            switch files {
            case .files, .lasting: break
            case .forgetful(let memory): files = .forgetful(memory.crash(survival, seed: seed))
            }
        }
    }
}
