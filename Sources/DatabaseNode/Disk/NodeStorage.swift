package import Storage
import Synchronization

/// Where a node's files are: a directory of the operating system's, or memory that forgets what was
/// not synced. The node's code is the same on both.
///
/// - It outlives the node's process; a power loss may leave other files in it than there were.
package final class NodeStorage: Sendable {
    private let state: Mutex<any FileSystem>
    /// The files are memory that a power loss takes from.
    private let forgets: Bool
    /// What the log said that is not in these files any more.
    package let removedCommits = RemovedCommits()

    /// - Parameter keepsUnsynced: memory loses nothing when the power goes, as if it were the
    ///   operating system's files.
    package init(_ fileSystem: any FileSystem, keepsUnsynced: Bool = false) {
        state = Mutex(fileSystem)
        forgets = fileSystem is MemoryFileSystem && !keepsUnsynced
    }

    /// The files as they are now.
    package var fileSystem: any FileSystem { state.withLock { $0 } }

    /// Bytes written and not synced, on memory; nil where a power loss takes nothing.
    package var unsyncedByteCount: Int? {
        forgets ? (fileSystem as? MemoryFileSystem)?.unsyncedByteCount : nil
    }

    /// The power goes. On memory `survival` decides what is left of the unsynced writes; the
    /// operating system's files keep them all, since the kernel lives.
    package func losePower(_ survival: Survival, seed: UInt64) {
        state.withLock { fileSystem in
            guard let memory = fileSystem as? MemoryFileSystem else { return }
            fileSystem =
                forgets ? memory.crash(survival, seed: seed) : memory.afterProcessEnd()
        }
    }
}
