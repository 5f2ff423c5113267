public import WALFormat

/// The answer to CREATE_REPLICATION_SLOT.
public struct CreateSlotReply: Hashable, Sendable {
    /// The slot's name.
    public var name: String
    /// Where a logical slot is consistent; 0/0 for a physical one.
    public var consistentPoint: LSN

    /// An answer from its parts.
    public init(name: String, consistentPoint: LSN = .invalid) {
        self.name = name
        self.consistentPoint = consistentPoint
    }

    /// Reads the answer on the client's side.
    public init(_ result: ResultSet) throws(ReplyError) {
        name = try result.value("slot_name") { $0 }
        consistentPoint = try result.value("consistent_point") { LSN($0) }
    }

    /// The rows to send.
    public var resultSet: ResultSet {
        ResultSet(
            columns: [
                Column("slot_name", .text), Column("consistent_point", .text),
                Column("snapshot_name", .text), Column("output_plugin", .text),
            ],
            rows: [[name, consistentPoint.description, nil, nil]],
            tag: "CREATE_REPLICATION_SLOT")
    }

    /// The messages to send, ReadyForQuery excepted.
    public var messages: [BackendMessage] { resultSet.messages }
}
