public import WALFormat

/// How a transaction ended.
public enum TransactionStatus: UInt8, Hashable, Sendable {
    /// It has not, or a crash ended it.
    case inProgress = 0
    /// Its changes count.
    case committed = 1
    /// Its changes do not count.
    case aborted = 2
}

/// How every transaction ended. PostgreSQL: `pg_xact`, the commit log.
///
/// - Two bits a transaction, four transactions a byte, the lowest bits first; pages of 8192 bytes,
///   32 pages a file.
/// - A page that was never set is all "in progress" and takes no memory, so that a transaction
///   number a peer made up cannot cost more than one page.
public struct CommitLog: Hashable, Sendable {
    /// Bytes of a page.
    public static let pageByteCount = 8192
    /// Transactions on a page.
    public static let transactionsPerPage: UInt32 = 32768
    /// Pages in a file of `pg_xact`. PostgreSQL: `SLRU_PAGES_PER_SEGMENT`.
    public static let pagesPerFile: UInt32 = 32

    private static let emptyPage = [UInt8](repeating: 0, count: pageByteCount)
    private var pages: [UInt32: [UInt8]] = [:]

    /// Nothing has ended yet.
    public init() {}

    /// The numbers of the pages that were set, in rising order.
    public var pageNumbers: [UInt32] { pages.keys.sorted() }

    /// How `xid` ended. The two reserved transactions count as committed, none as aborted; the
    /// fourth value two bits can have is a subtransaction's and counts as in progress.
    public func status(of xid: TransactionID) -> TransactionStatus {
        guard xid >= .firstNormal else { return xid == .invalid ? .aborted : .committed }
        guard let page = pages[Self.page(of: xid)] else { return .inProgress }
        let (byte, shift) = Self.place(of: xid)
        return TransactionStatus(rawValue: page[byte] >> shift & 3) ?? .inProgress
    }

    /// Says how `xid` ended; the reserved transactions stay as they are.
    public mutating func set(_ status: TransactionStatus, of xid: TransactionID) {
        guard xid >= .firstNormal else { return }
        let (byte, shift) = Self.place(of: xid)
        let number = Self.page(of: xid)
        pages[number, default: Self.emptyPage][byte] &= ~(3 << shift)
        pages[number, default: Self.emptyPage][byte] |= status.rawValue << shift
    }

    /// The 8192 bytes of a page; zeros if it was never set.
    public func bytes(ofPage number: UInt32) -> [UInt8] {
        pages[number] ?? Self.emptyPage
    }

    /// Takes a page as read from a file.
    public mutating func load(page number: UInt32, bytes: [UInt8]) throws(PageError) {
        guard bytes.count == Self.pageByteCount else { throw .wrongByteCount(bytes.count) }
        pages[number] = bytes
    }

    /// The page that holds `xid`.
    public static func page(of xid: TransactionID) -> UInt32 {
        xid.rawValue / transactionsPerPage
    }

    /// The file in `pg_xact` that holds a page, such as `0000`, and the byte the page starts at.
    public static func file(ofPage number: UInt32) -> (name: String, offset: Int) {
        let digits = String(number / pagesPerFile, radix: 16, uppercase: true)
        let name = String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        return (name, Int(number % pagesPerFile) * pageByteCount)
    }

    private static func place(of xid: TransactionID) -> (byte: Int, shift: UInt8) {
        let index = xid.rawValue % transactionsPerPage
        return (Int(index / 4), UInt8(index % 4) * 2)
    }
}
