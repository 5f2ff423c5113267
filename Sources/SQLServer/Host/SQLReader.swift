package import WALFormat

/// Who reads the table.
package struct SQLReader: Hashable, Sendable {
    /// The transaction whose own changes are seen; nil before its first change.
    package var xid: TransactionID?
    /// The session whose snapshot is read from; nil: what everybody sees now.
    package var session: Int?

    package init(xid: TransactionID? = nil, session: Int? = nil) {
        self.xid = xid
        self.session = session
    }
}
