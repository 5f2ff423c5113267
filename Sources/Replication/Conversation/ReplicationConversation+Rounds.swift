public import WALFormat
import WireProtocol

// Times made later; see `WALReceiver.postpone`.
extension ReplicationConversation {
    /// Makes everything that has happened since then, and all that is due, so many
    /// microseconds later. False: what is under way goes forward, not round.
    public mutating func postpone(by span: Int64, since start: PostgresTime) -> Bool {
        switch phase {
        case .awaitingSlot, .beginningBackup, .backup: return false
        case .idle, .closed: break
        case .streaming(var sender):
            sender.postpone(by: span, since: start)
            phase = .streaming(sender)
        }
        reported?.sentAt.postpone(by: span, since: start)
        return true
    }
}
