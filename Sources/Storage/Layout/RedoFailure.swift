public import TableFormat
public import WALFormat

/// Why a record whose checksum is right cannot be replayed. The database is as it was before.
public enum RedoFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The change to a page makes no sense, or the page it needs never had an image. PostgreSQL:
    /// "WAL contains references to invalid pages".
    case page(block: UInt32, at: LSN, PageError)
    /// The page to change is not what was written to the file, and no image in the log replaces it:
    /// torn while `full_page_writes` was off, or rotten. PostgreSQL: "invalid page in block".
    case damaged(PageDamage, at: LSN)
    /// The table grows page by page; this page would leave a hole behind the last one.
    case beyondEnd(block: UInt32, at: LSN, pageCount: Int)

    /// One line for the log.
    public var description: String {
        switch self {
        case .page(let block, let lsn, let error):
            "cannot replay \(lsn): block \(block) of the table: \(error)"
        case .damaged(let damage, let lsn):
            "cannot replay \(lsn): \(damage), and the log has no image of it"
        case .beyondEnd(let block, let lsn, let count):
            "cannot replay \(lsn): block \(block) lies beyond the table's \(count) blocks"
        }
    }
}
