public import WALFormat
import WireProtocol

// What the own disk and the own replay say, and what the upstream hears of it.
extension WALReceiver {
    /// The own disk has taken WAL up to `lsn`.
    public mutating func walWritten(upTo lsn: LSN) {
        writeLSN = max(writeLSN, lsn)
    }

    /// The own disk has made WAL durable up to `lsn`.
    public mutating func walFlushed(upTo lsn: LSN) {
        writeLSN = max(writeLSN, lsn)
        flushLSN = max(flushLSN, lsn)
    }

    /// Replay has applied everything up to `lsn`.
    public mutating func walReplayed(upTo lsn: LSN) {
        replayLSN = max(replayLSN, lsn)
    }

    /// Called when nothing else is moving: reports positions that have changed since the last
    /// word, and once when a stream has begun; or goes on to the next timeline, if its disk has
    /// caught up with the end of the last. Nothing is reported by itself if the status interval is
    /// zero.
    public mutating func quiet(now: PostgresTime) -> [Action] {
        self.now = now
        guard isStreaming else { return switchWhenDurable() }
        guard timing.statusInterval > .zero else { return [] }
        if let last = lastReport, last.write == writeLSN, last.flush == flushLSN,
            last.apply == replayLSN
        {
            return []
        }
        return [report(now: now)]
    }

    mutating func report(now: PostgresTime, replyRequested: Bool = false) -> Action {
        let status = StandbyStatus(
            write: writeLSN, flush: flushLSN, apply: replayLSN, sentAt: now,
            replyRequested: replyRequested)
        lastReport = status
        return .sendStatus(status)
    }
}
