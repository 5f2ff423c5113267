/// The answer to SHOW: one column named like the setting, one row.
public struct ShowReply: Hashable, Sendable {
    /// The setting.
    public var name: String
    /// Its value as text, `1MB`.
    public var value: String

    /// An answer from its parts.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Reads the answer on the client's side.
    public init(name: String, _ result: ResultSet) throws(ReplyError) {
        self.name = name
        value = try result.value(name) { $0 }
    }

    /// The rows to send.
    public var resultSet: ResultSet {
        ResultSet(columns: [Column(name, .text)], rows: [[value]], tag: "SHOW")
    }

    /// The messages to send, ReadyForQuery excepted.
    public var messages: [BackendMessage] { resultSet.messages }
}
