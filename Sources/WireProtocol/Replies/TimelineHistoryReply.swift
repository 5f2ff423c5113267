/// The answer to TIMELINE_HISTORY: a history file's name and text.
public struct TimelineHistoryReply: Hashable, Sendable {
    /// `00000002.history`
    public var fileName: String
    /// The file's bytes as they are on the server's disk.
    public var content: [UInt8]

    /// An answer from its parts.
    public init(fileName: String, content: [UInt8]) {
        self.fileName = fileName
        self.content = content
    }

    /// Reads the answer on the client's side.
    public init(_ result: ResultSet) throws(ReplyError) {
        fileName = try result.value("filename") { $0 }
        guard let bytes = try result.optionalValue("content") else {
            throw .invalidValue(column: "content", nil)
        }
        content = bytes
    }

    /// The rows to send.
    public var resultSet: ResultSet {
        ResultSet(
            columns: [Column("filename", .text), Column("content", .text)],
            byteRows: [[Array(fileName.utf8), content]], tag: "TIMELINE_HISTORY")
    }

    /// The messages to send, ReadyForQuery excepted.
    public var messages: [BackendMessage] { resultSet.messages }
}
