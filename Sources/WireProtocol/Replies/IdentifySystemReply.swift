public import WALFormat

/// The answer to IDENTIFY_SYSTEM: who the server is and how far its WAL is on disk.
public struct IdentifySystemReply: Hashable, Sendable {
    /// The cluster's identifier; a replica of another cluster must not follow.
    public var systemIdentifier: UInt64
    /// The server's timeline.
    public var timeline: Timeline
    /// The end of its flushed WAL; on a standby, of what it replayed or received.
    public var flushLSN: LSN
    /// The database of a logical WAL sender.
    public var database: String?

    /// An answer from its parts.
    public init(
        systemIdentifier: UInt64, timeline: Timeline, flushLSN: LSN, database: String? = nil
    ) {
        self.systemIdentifier = systemIdentifier
        self.timeline = timeline
        self.flushLSN = flushLSN
        self.database = database
    }

    /// Reads the answer on the client's side.
    public init(_ result: ResultSet) throws(ReplyError) {
        systemIdentifier = try result.value("systemid") { UInt64($0) }
        timeline = Timeline(try result.value("timeline") { UInt32($0) })
        flushLSN = try result.value("xlogpos") { LSN($0) }
        database = try result.optionalValue("dbname") { $0 }
    }

    /// The rows to send.
    public var resultSet: ResultSet {
        ResultSet(
            columns: [
                Column("systemid", .text), Column("timeline", .int4), Column("xlogpos", .text),
                Column("dbname", .text),
            ],
            rows: [
                ["\(systemIdentifier)", "\(timeline.rawValue)", flushLSN.description, database]
            ],
            tag: "IDENTIFY_SYSTEM")
    }

    /// The messages to send, ReadyForQuery excepted.
    public var messages: [BackendMessage] { resultSet.messages }
}
