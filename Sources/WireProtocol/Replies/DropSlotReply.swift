/// The answer to DROP_REPLICATION_SLOT: a tag and no rows.
public struct DropSlotReply: Hashable, Sendable {
    /// The one answer there is.
    public init() {}

    /// The messages to send, ReadyForQuery excepted.
    public var messages: [BackendMessage] { [.commandComplete("DROP_REPLICATION_SLOT")] }
}
