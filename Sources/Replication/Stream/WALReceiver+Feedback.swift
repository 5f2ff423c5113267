public import WALFormat
import WireProtocol

// What the own readers need: the upstream keeps rows for them that it would vacuum away.
extension WALReceiver {
    /// Whether the upstream should hear now which rows are needed: with the stream, then as often
    /// as it hears of positions; and once that none are needed any more. PostgreSQL:
    /// `XLogWalRcvSendHSFeedback`.
    public func isFeedbackDue(now: PostgresTime) -> Bool {
        guard isStreaming else { return false }
        guard sendsFeedback else { return mayHoldRows }
        return nextFeedback.map { now >= $0 } ?? true
    }

    /// Tells the upstream that rows are needed which `xmin` or a later transaction has deleted.
    public mutating func tellFeedback(xmin: TransactionID, now: PostgresTime) -> [Action] {
        guard isFeedbackDue(now: now) else { return [] }
        let needed = sendsFeedback ? xmin : .invalid
        let feedback = HotStandbyFeedback(sentAt: now, xmin: needed.rawValue, epoch: 0)
        told.feedback = feedback
        return [.sendFeedback(feedback)]
    }

    /// When it is due again; nil: at once, or never.
    var nextFeedback: PostgresTime? {
        guard sendsFeedback else { return nil }
        return told.feedback?.sentAt.advanced(by: timing.statusInterval)
    }

    private var sendsFeedback: Bool { timing.sendsFeedback && timing.statusInterval > .zero }

    /// The upstream may keep rows for it: by what it was told, or by what a slot has kept of an
    /// earlier stream.
    private var mayHoldRows: Bool {
        guard let feedback = told.feedback else { return slot != nil }
        return feedback.xmin != 0
    }
}
