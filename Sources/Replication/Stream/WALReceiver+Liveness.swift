public import WALFormat
import WireProtocol

// Time, as it is told: an upstream that says nothing, and a report that is due.
extension WALReceiver {
    /// When `deadlineReached` should be called at the latest; nil if never. It changes with
    /// events, and mostly moves on: it is enough to look again when the deadline has come.
    public var nextDeadline: PostgresTime? {
        switch phase {
        case .dialling, .greeting, .asking, .starting, .endingTimeline:
            silence.nextDeadline(timeout: timing.timeout, asks: false)
        case .streaming:
            [silence.nextDeadline(timeout: timing.timeout, asks: true), nextReport]
                .compactMap(\.self).min()
        case .waiting(let until):
            until
        case .idle, .storingHistory, .syncing, .switching, .flushing:
            nil
        }
    }

    /// Time has come to `now`. Does nothing if nothing is due. PostgreSQL: the timeouts of
    /// `WalReceiverMain`.
    public mutating func deadlineReached(now: PostgresTime) -> [Action] {
        self.now = now
        switch phase {
        case .dialling, .greeting, .asking, .starting:
            // No news: it was not connected before, and every try through a cut wire ends so.
            let step = silence.due(at: now, timeout: timing.timeout, asks: false)
            guard step == .giveUp else { return [] }
            waitForRetry()
            return [.disconnect]
        case .endingTimeline:
            let step = silence.due(at: now, timeout: timing.timeout, asks: false)
            return step == .giveUp ? giveUp() : []
        case .streaming:
            switch silence.due(at: now, timeout: timing.timeout, asks: true) {
            case .giveUp:
                return giveUp()
            case .ask:
                silence.isAsked = true
                return [report(now: now, replyRequested: true)]
            case .nothing:
                return nextReport.map { now >= $0 } ?? false ? [report(now: now)] : []
            }
        case .waiting(let until):
            return now >= until ? dialWhenDurable() : []
        case .idle, .storingHistory, .syncing, .switching, .flushing:
            return []
        }
    }

    /// The tries that were due before were left out, since the upstream was known to refuse as
    /// before: the next one is due when it would have been.
    public mutating func retriesLeftOut(now: PostgresTime) {
        guard case .waiting(let until) = phase, now > until else { return }
        let first = until.microseconds
        let second = until.advanced(by: timing.retryInterval).microseconds
        let interval = max(1, second - first)
        let missed = (now.microseconds - first + interval - 1) / interval
        phase = .waiting(until: PostgresTime(microseconds: first + missed * interval))
    }

    /// When a report is due although nothing has changed. The first one of a stream is due at the
    /// next quiet moment.
    private var nextReport: PostgresTime? {
        guard timing.statusInterval > .zero else { return nil }
        return lastReport?.sentAt.advanced(by: timing.statusInterval)
    }

    private mutating func giveUp() -> [Action] {
        waitForRetry()
        return [.report(.timedOut(after: timing.timeout)), .disconnect]
    }
}
