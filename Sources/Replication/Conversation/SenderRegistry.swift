/// Which connection streams to which replica: always the newest one.
///
/// A replica whose connection is half open somewhere connects again; the old connection is then no
/// more than an obstacle, and its slot is wanted. PostgreSQL leaves it until `wal_sender_timeout`.
///
/// - Only the lab's own replicas are known by name: they log in as `WALReceiver.user`, each under
///   its node's name. Other programs share names (two `pg_receivewal`), and replace nobody.
public struct SenderRegistry: Hashable, Sendable {
    private var streams: [String: Int32] = [:]

    /// A registry of no streams.
    public init() {}

    /// The connection `processID` is about to stream (`WALSender.Action.claimStream`). Gives the
    /// older connection of the same replica: call its `replaced`, before going on.
    public mutating func claim(
        user: String, applicationName: String, by processID: Int32
    ) -> Int32? {
        guard user == WALReceiver.user, !applicationName.isEmpty else { return nil }
        let older = streams.updateValue(processID, forKey: applicationName)
        return older == processID ? nil : older
    }

    /// The connection has ended.
    public mutating func ended(_ processID: Int32) {
        streams = streams.filter { $0.value != processID }
    }

    /// The connection that streams, or last streamed, to this replica.
    public func processID(of replica: String) -> Int32? { streams[replica] }
}
