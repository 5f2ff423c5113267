public import WALFormat

/// The answer to READ_REPLICATION_SLOT.
public enum ReadSlotReply: Hashable, Sendable {
    /// No slot of that name: a row of NULLs.
    case absent
    /// A physical slot that holds no WAL yet.
    case unreserved
    /// A physical slot that holds WAL from here on.
    case reserved(restart: LSN, timeline: Timeline)

    /// Reads the answer on the client's side.
    public init(_ result: ResultSet) throws(ReplyError) {
        let kind = try result.optionalValue("slot_type") { $0 == "physical" ? $0 : nil }
        guard kind != nil else {
            self = .absent
            return
        }
        guard let restart = try result.optionalValue("restart_lsn", { LSN($0) }) else {
            self = .unreserved
            return
        }
        let timeline = Timeline(try result.value("restart_tli") { UInt32($0) })
        self = .reserved(restart: restart, timeline: timeline)
    }

    /// The rows to send.
    public var resultSet: ResultSet {
        let row: [String?] =
            switch self {
            case .absent: [nil, nil, nil]
            case .unreserved: ["physical", nil, nil]
            case .reserved(let restart, let timeline):
                ["physical", restart.description, "\(timeline.rawValue)"]
            }
        return ResultSet(
            columns: [
                Column("slot_type", .text), Column("restart_lsn", .text),
                Column("restart_tli", .int8),
            ],
            rows: [row], tag: "READ_REPLICATION_SLOT")
    }

    /// The messages to send, ReadyForQuery excepted.
    public var messages: [BackendMessage] { resultSet.messages }
}
