/// A clean shutdown of a node. Pure. PostgreSQL: a fast shutdown, `ShutdownXLOG` and the last words
/// of the walsenders.
///
/// Clients are sent away, a shutdown checkpoint is written, and the WAL senders stay until their
/// replicas have confirmed it: so a planned failover loses nothing.
///
/// - From its beginning on nobody is let in and nothing is changed.
/// - Whether the replicas are waited for, and how long, is its caller's to say: `giveUp`.
public struct CleanStop: Hashable, Sendable {
    /// How far it is.
    public enum Phase: Hashable, Sendable {
        /// The shutdown checkpoint is on its way to disk.
        case checkpointing
        /// These senders have not heard from their replicas yet that all has arrived.
        case draining(senders: Set<Int>)
        /// Nobody is waited for any more.
        case drained
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// A standby receives no more.
        case stopReceiving
        /// Tell SQL clients that the server goes, and hang up.
        case terminateClients
        /// Store the slots that have moved.
        case saveSlots
        /// Write the shutdown checkpoint behind all WAL. Answer with `checkpointed`.
        case writeCheckpoint
        /// Let the senders finish, each of them; answer with `senderFinished`.
        case finishSenders
    }

    /// How far it is.
    public private(set) var phase = Phase.checkpointing
    /// The replicas that have said that they have everything, by name. What they may have and
    /// could not say does not count: nobody here knows of it.
    public private(set) var confirmed: Set<String> = []

    /// A stop that has not begun.
    public init() {}

    /// Begins.
    public func begin() -> [Action] {
        [.stopReceiving, .terminateClients, .saveSlots, .writeCheckpoint]
    }

    /// The checkpoint is on disk, or is not: the replicas get what there is all the same.
    /// - Parameter senders: who streams to a replica.
    public mutating func checkpointed(senders: Set<Int>) -> [Action] {
        guard phase == .checkpointing else { return [] }
        phase = senders.isEmpty ? .drained : .draining(senders: senders)
        return [.finishSenders]
    }

    /// A sender's replica has confirmed everything, or its connection is gone.
    /// - Parameter replica: the one that has confirmed; nil: nobody has.
    public mutating func senderFinished(_ sender: Int, confirmedBy replica: String?) {
        if let replica { confirmed.insert(replica) }
        guard case .draining(var senders) = phase else { return }
        senders.remove(sender)
        phase = senders.isEmpty ? .drained : .draining(senders: senders)
    }

    /// Nobody is waited for any longer.
    public mutating func giveUp() {
        phase = .drained
    }
}
