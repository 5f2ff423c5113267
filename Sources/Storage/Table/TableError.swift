public import WALFormat

/// Why a change to the table was refused. The table is as it was before.
public enum TableError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The row is being changed by another transaction that has not ended.
    case conflict(key: String, holder: TransactionID)
    /// Key and value do not fit into one page. PostgreSQL's 54000, program limit exceeded.
    case rowTooLarge(byteCount: Int, limit: Int)
    /// Text holds a zero byte, which PostgreSQL's text cannot. PostgreSQL's 22021.
    case zeroByte
    /// The node is a standby. PostgreSQL's 25006, read-only transaction.
    case readOnly
    /// No transaction of that number is open here.
    case noSuchTransaction(TransactionID)

    /// One line for the client.
    public var description: String {
        switch self {
        case .conflict(let key, let holder):
            "key \"\(key)\" is being changed by transaction \(holder.rawValue)"
        case .rowTooLarge(let count, let limit):
            "row is too big: size \(count), maximum size \(limit)"
        case .zeroByte: "invalid byte sequence for encoding \"UTF8\": 0x00"
        case .readOnly: "cannot change rows in a read-only transaction"
        case .noSuchTransaction(let xid): "there is no open transaction \(xid.rawValue)"
        }
    }
}
