public import WALFormat

/// The first and the last result of BASE_BACKUP: where the backup starts, and where it ends.
public struct BackupPositionReply: Hashable, Sendable {
    /// The redo point at the start; the end of the WAL that is needed at the end.
    public var position: LSN
    /// Its timeline.
    public var timeline: Timeline

    /// A result from its parts.
    public init(position: LSN, timeline: Timeline) {
        self.position = position
        self.timeline = timeline
    }

    /// Reads the result on the client's side.
    public init(_ result: ResultSet) throws(ReplyError) {
        position = try result.value("recptr") { LSN($0) }
        timeline = Timeline(try result.value("tli") { UInt32($0) })
    }

    /// The rows to send.
    public var resultSet: ResultSet {
        ResultSet(
            columns: [Column("recptr", .text), Column("tli", .int8)],
            rows: [[position.description, "\(timeline.rawValue)"]], tag: "SELECT")
    }

    /// The messages to send.
    public var messages: [BackendMessage] { resultSet.messages }
}
