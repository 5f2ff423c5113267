package import Storage
import Synchronization

/// Where a node's files are: a directory of the operating system's, or memory that forgets what was
/// not synced. The node's code is the same on both.
///
/// - It outlives the node's process; a power loss may leave other files in it than there were.
package final class NodeStorage: Sendable {
    private enum Files {
        /// Keep at a crash what was written: the operating system's, or memory that does as those.
        case lasting(any FileSystem)
        case forgetful(MemoryFileSystem)
    }

    private let state: Mutex<Files>
    /// What the log said that is not in these files any more.
    package let removedCommits = RemovedCommits()

    package init(_ fileSystem: any FileSystem) {
        state = Mutex(.lasting(fileSystem))
    }

    /// Files that a power loss takes from what was not synced.
    package init(forgetful memory: MemoryFileSystem) {
        state = Mutex(.forgetful(memory))
    }

    /// The files as they are now.
    package var fileSystem: any FileSystem {
        state.withLock { files in
            switch files {
            case .lasting(let fileSystem): fileSystem
            case .forgetful(let memory): memory
            }
        }
    }

    /// Bytes written and not synced, on forgetful memory; nil on what keeps them.
    package var unsyncedByteCount: Int? {
        state.withLock { files in
            switch files {
            case .lasting: nil
            case .forgetful(let memory): memory.unsyncedByteCount
            }
        }
    }

    /// The power goes. On forgetful memory `survival` decides what is left of the unsynced writes;
    /// the operating system's files keep them all, since the kernel lives.
    package func losePower(_ survival: Survival, seed: UInt64) {
        state.withLock { files in
            switch files {
            case .lasting: break
            case .forgetful(let memory): files = .forgetful(memory.crash(survival, seed: seed))
            }
        }
    }
}
