internal import Glibc

/// A system call that failed: what was asked, of which file, and the error number.
public struct IOFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked of the disk.
    public enum Operation: String, Hashable, Sendable {
        case open, read, write, truncate, rename, remove, list, lock
        case makeDirectory = "make directory"
        case size = "read size of"
        case syncData = "fdatasync"
        case sync = "fsync"
        case syncDirectory = "fsync directory"
    }

    /// What kind of trouble it is, for those who must tell a full disk from a broken one.
    public enum Kind: Hashable, Sendable {
        /// ENOSPC, EDQUOT, EFBIG: no room left.
        case noSpace
        /// EROFS: the file system is mounted read-only.
        case readOnly
        /// EIO: the device failed.
        case device
        /// EACCES, EPERM: not allowed.
        case denied
        /// ENOENT, ENOTDIR: no such file or directory.
        case missing
        /// EWOULDBLOCK on a lock: somebody else holds it.
        case locked
        /// Something is there under that name, and it is not what was to be found there.
        case unusable
        /// Any other error number.
        case other
    }

    /// Our own error numbers, where the system has no objection: a pipe, a device or a directory
    /// bears a file's name.
    public static let notAFile: Int32 = -1
    /// A file that is longer than it can ever have become.
    public static let oversized: Int32 = -2
    /// A file whose content is not what is written there.
    public static let garbled: Int32 = -3

    /// What was asked.
    public let operation: Operation
    /// The file, relative to the file system's root; the root's own path when it could not be
    /// opened.
    public let path: String
    /// The error number, as `errno.h` names them, or one of our own.
    public let code: Int32

    /// A failure to report; also for file systems that fail on purpose.
    public init(_ operation: Operation, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// A file, or the part of it that was wanted, is not there.
    static func missing(_ operation: Operation, _ path: String) -> IOFailure {
        IOFailure(operation, path, code: ENOENT)
    }

    /// The error number's kind.
    public var kind: Kind {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .noSpace
        case EROFS: .readOnly
        case EIO: .device
        case EACCES, EPERM: .denied
        case ENOENT, ENOTDIR: .missing
        case EWOULDBLOCK: .locked
        case Self.notAFile, Self.oversized, Self.garbled, EISDIR, ENXIO, ENODEV: .unusable
        default: .other
        }
    }

    /// A sync that failed. The kernel may have dropped the dirty pages and reported that only once,
    /// so a later success would prove nothing: such a failure is final.
    public var isFailedSync: Bool {
        switch operation {
        case .syncData, .sync, .syncDirectory: true
        case .open, .read, .write, .truncate, .rename, .remove, .list, .lock, .makeDirectory, .size:
            false
        }
    }

    /// For example `cannot write "pg_wal/000000010000000000000001": No space left on device`.
    public var description: String {
        "cannot \(operation.rawValue) \"\(path.isEmpty ? "." : path)\": \(reason)"
    }

    /// What is wrong, in the system's words where it has some.
    public var reason: String {
        switch code {
        case EWOULDBLOCK: "locked by another process"
        case Self.notAFile, EISDIR, ENXIO: "it is not a regular file"
        case Self.oversized: "it is longer than it can have become"
        case Self.garbled: "it does not hold what belongs there"
        default: strerror(code).map { String(cString: $0) } ?? "error \(code)"
        }
    }
}
