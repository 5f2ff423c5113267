internal import TableFormat
public import WALFormat

/// What the control data vouch for, since the files have no checksums of their own: how long the
/// table was and how transactions had ended when a checkpoint wrote both. PostgreSQL vouches for
/// neither: a `pg_xact` that was swapped for another, or a table cut short, it serves.
///
/// - `position` is where the log ended then. With the log replayed up to there the files must hold
///   exactly this. They may hold more when a power loss came in the middle of the next checkpoint:
///   of that the log behind `position` speaks.
/// - So whoever recovers a log that ends before `position` has lost some of it.
public struct CheckpointedFiles: Hashable, Sendable {
    /// The end of the log that the files were written from.
    public var position: LSN
    /// Pages of the table.
    public var pageCount: UInt32
    /// The checksum of `pg_xact`: see `CommitLogChecksum`.
    public var commitLogChecksum: UInt32

    /// An empty table, and no transaction that has ended.
    static func empty(at position: LSN) -> CheckpointedFiles {
        CheckpointedFiles(
            position: position, pageCount: 0, commitLogChecksum: CommitLogChecksum().value)
    }
}

/// The checksum of a commit log, in which every page counts by its number and its own checksum; a
/// page on which nothing has ended counts as none, for it need not be in the file.
///
/// It is kept while the log grows, so that a checkpoint pays for the pages that have changed.
struct CommitLogChecksum: Hashable, Sendable {
    private var pages: [UInt32: UInt32] = [:]

    /// Nothing has ended.
    init() {}

    /// Of all pages of a commit log.
    init(of log: CommitLog) {
        for page in log.pageNumbers { update(page, of: log) }
    }

    /// A page has changed.
    mutating func update(_ page: UInt32, of log: CommitLog) {
        let bytes = log.bytes(ofPage: page)
        pages[page] = bytes[...].isAllZero ? nil : CRC32C.checksum(of: bytes)
    }

    /// All of them in one number.
    var value: UInt32 {
        var bytes: [UInt8] = []
        for (page, checksum) in pages.sorted(by: { $0.key < $1.key }) {
            bytes.append(littleEndian: page)
            bytes.append(littleEndian: checksum)
        }
        return CRC32C.checksum(of: bytes)
    }
}
