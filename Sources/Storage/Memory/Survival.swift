/// Which of the writes that were not synced a power loss leaves on the disk.
///
/// What was synced stays in any case, and what a failed sync gave up is gone in any case.
public enum Survival: String, Hashable, Sendable, CaseIterable {
    /// None of them.
    case nothing
    /// All of them: the kernel had written everything back on its own.
    case everything
    /// Those before a drawn instant, in the order they were made; the one under way then is cut
    /// between two sectors.
    case prefix
    /// Each 512-byte sector as it was at an instant drawn for it alone; each new length, creation,
    /// rename and removal by a toss of its own.
    case sectors
}

/// What goes wrong at an edge that a test or a lesson has chosen.
public enum EdgeFault: Hashable, Sendable {
    /// The power goes just before it: this call and every later one fail with ENODEV.
    case powerLoss
    /// The call fails with this error number, once. A sync that fails so leaves pages that count as
    /// clean and never reach the disk.
    case error(Int32)
    /// A write stops after this many bytes, and what is left finds the disk full (ENOSPC). Any
    /// other call fails with ENOSPC.
    case shortWrite(byteCount: Int)
}

/// A moment at which a crash makes a difference: a call that changes the disk or makes a change
/// durable.
public struct DiskEdge: Hashable, Sendable, CustomStringConvertible {
    /// What was asked.
    public enum Call: String, Hashable, Sendable {
        case write, truncate, create, rename, remove
        case makeDirectory = "make directory"
        case syncData = "fdatasync"
        case sync = "fsync"
        case syncDirectory = "fsync directory"
    }

    /// Its number, from 1, since the file system was made.
    public let number: Int
    /// What is about to be done.
    public let call: Call
    /// To what, relative to the root.
    public let path: String

    /// For example `17 fdatasync pg_wal/000000010000000000000001`.
    public var description: String { "\(number) \(call.rawValue) \(path)" }
}
