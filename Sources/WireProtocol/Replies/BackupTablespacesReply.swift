/// The second result of BASE_BACKUP: the tablespaces. The lab has the default one and no other.
public struct BackupTablespacesReply: Hashable, Sendable {
    /// Kilobytes to expect, or `nil` when the client did not ask for progress.
    public var kilobytes: Int64?

    /// A result from its parts.
    public init(kilobytes: Int64?) {
        self.kilobytes = kilobytes
    }

    /// Reads the result on the client's side.
    public init(_ result: ResultSet) throws(ReplyError) {
        kilobytes = try result.optionalValue("size") { Int64($0) }
    }

    /// The rows to send.
    public var resultSet: ResultSet {
        ResultSet(
            columns: [
                Column("spcoid", .oid), Column("spclocation", .text), Column("size", .int8),
            ],
            rows: [[nil, nil, kilobytes.map(String.init)]], tag: "SELECT")
    }

    /// The messages to send.
    public var messages: [BackendMessage] { resultSet.messages }
}
