public import WALFormat
import WireProtocol

/// How far a replica's own disk and its own replay are, each the last byte + 1. They never go back.
public struct OwnPositions: Hashable, Sendable {
    /// Handed to the kernel up to here.
    public private(set) var write: LSN
    /// Durable on the disk up to here.
    public private(set) var flush: LSN
    /// Replayed up to here.
    public private(set) var replay: LSN
    /// Whether that is the last whole record that is durable.
    private(set) var isAllReplayed = true

    init(flush: LSN, replay: LSN) {
        write = flush
        self.flush = flush
        self.replay = replay
    }

    mutating func written(upTo lsn: LSN) { write = max(write, lsn) }

    mutating func flushed(upTo lsn: LSN) {
        write = max(write, lsn)
        flush = max(flush, lsn)
    }

    mutating func replayed(upTo lsn: LSN, isAll: Bool) {
        replay = max(replay, lsn)
        isAllReplayed = isAll
    }
}

// What the own disk and the own replay say, and what the upstream hears of it.
extension WALReceiver {
    /// The timeline of what is received next.
    public var timeline: Timeline { next.timeline }
    /// The next byte that is missing.
    public var receivedLSN: LSN { next.lsn }
    /// Handed to the own kernel up to here (last byte + 1).
    public var writeLSN: LSN { own.write }
    /// Durable on the own disk up to here.
    public var flushLSN: LSN { own.flush }
    /// Replayed up to here.
    public var replayLSN: LSN { own.replay }

    /// The own disk has taken WAL up to `lsn`.
    public mutating func walWritten(upTo lsn: LSN) {
        own.written(upTo: lsn)
    }

    /// The own disk has made WAL durable up to `lsn`.
    public mutating func walFlushed(upTo lsn: LSN) {
        own.flushed(upTo: lsn)
    }

    /// Replay has applied everything up to `lsn`, which is all that it can.
    public mutating func walReplayed(upTo lsn: LSN, isAll: Bool = true) {
        own.replayed(upTo: lsn, isAll: isAll)
    }

    /// Called when nothing else is moving and all that arrived is durable, or given up: reports
    /// when what is written or durable has changed since the last word, when replay has caught up,
    /// and once when a stream has begun; or goes on to the next timeline, if its disk has caught up
    /// with the end of the last. How far a replay is that is still at it is told when something
    /// else is: PostgreSQL does so too. Nothing is reported by itself if the status interval is
    /// zero. A try to connect that waited for this is made.
    public mutating func quiet(now: PostgresTime) -> [Action] {
        self.now = now
        if phase == .flushing { return dial() }
        guard isStreaming else { return switchWhenDurable() }
        guard timing.statusInterval > .zero else { return [] }
        if let last = told.status, last.write == writeLSN, last.flush == flushLSN,
            last.apply == replayLSN || !own.isAllReplayed
        {
            return []
        }
        return [report(now: now)]
    }

    mutating func report(now: PostgresTime, replyRequested: Bool = false) -> Action {
        let status = StandbyStatus(
            write: writeLSN, flush: flushLSN, apply: replayLSN, sentAt: now,
            replyRequested: replyRequested)
        told.status = status
        return .sendStatus(status)
    }
}
