import WALFormat
import WireProtocol

// The slot a stream uses follows what its client has made durable.
extension WALSender {
    /// PostgreSQL: `PhysicalConfirmReceivedLocation`. Nobody can be further than the server.
    ///
    /// Not before the log was found to be there: or a slot that was lost would come back to life,
    /// and keep WAL, for a client that is about to hear 58P01.
    mutating func confirm(_ server: Server) -> [Action] {
        guard let slot, isFounded, let reported else { return [] }
        let flushed = min(reported.flush, server.flushLSN)
        guard flushed != .invalid, flushed != confirmed else { return [] }
        confirmed = flushed
        return [.confirmSlot(slot, flushed: flushed)]
    }

    /// PostgreSQL: `ProcessStandbyHSFeedbackMessage`. What speaks of transactions that are still to
    /// come is nonsense, or of another history.
    mutating func feedbackReceived(
        _ feedback: HotStandbyFeedback, _ server: Server
    ) -> [Action] {
        let needed = TransactionID(feedback.xmin)
        guard needed < .firstNormal || (needed <= server.nextXID && feedback.epoch == 0) else {
            return []
        }
        let held = needed < .firstNormal ? nil : needed
        if let slot { return [.holdRows(slot, from: held)] }
        xmin = held
        return []
    }

    /// The log was found to be there, or nothing of it is needed.
    mutating func found(_ server: Server) -> [Action] {
        guard !isFounded else { return [] }
        isFounded = true
        return confirm(server)
    }
}
