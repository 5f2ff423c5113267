public import WALFormat
public import WireProtocol

/// The replica's side of one upstream: connects, finds out where it stands, streams WAL into its
/// own log, reports how far it got, and tries again when the connection goes. Pure.
///
/// PostgreSQL: `walreceiver.c` and the part of `xlogrecovery.c` that follows timelines. Unlike a
/// PostgreSQL standby, which asks for the whole segment again, it asks for its own flush position.
///
/// - What it holds is contiguous: WAL that does not begin where the last ended is refused.
/// - Nothing is replayed here: `write` and `flush` are its own disk's word, `apply` is told to it.
public struct WALReceiver: Hashable, Sendable {
    /// Where the conversation stands.
    public enum Phase: Hashable, Sendable {
        /// Not connected and not trying.
        case idle
        case dialling
        /// The startup packet is out.
        case greeting
        /// A command is out; its rows so far.
        case asking(Question, rows: [[[UInt8]?]])
        /// START_REPLICATION is out.
        case starting
        case streaming
        /// The upstream ended the timeline; its last word is still to come.
        case endingTimeline(rows: [[[UInt8]?]])
        /// The disk is preparing the next timeline's first segment.
        case switching
        /// The connection is gone; a retry is due later.
        case waiting
        /// It will not be tried again by itself.
        case stopped(Refusal)
    }

    /// A command whose answer is rows.
    public enum Question: Hashable, Sendable {
        case identifySystem
        case history(Timeline)
    }

    /// Why this upstream cannot be followed.
    public enum Refusal: Hashable, Sendable {
        /// Another cluster's number.
        case otherCluster(own: UInt64, theirs: UInt64)
        /// We have WAL of a timeline that ended, for the upstream, at `fork`.
        case diverged(own: LSN, timeline: Timeline, fork: LSN, upstream: Timeline)
        /// Our timeline does not occur in the upstream's history.
        case notAnAncestor(own: Timeline, upstream: Timeline)
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        case dial
        case send(FrontendMessage)
        case sendStatus(StandbyStatus)
        /// Write to the own log, unflushed. Answer with `walWritten`.
        case writeWAL(Timeline, at: LSN, bytes: [UInt8])
        case storeHistory(Timeline, TimelineHistory)
        /// Begin the next timeline on disk at its switchpoint. Answer with `timelineSwitched`.
        case switchTimeline(Timeline, TimelineHistory)
        case disconnect
        /// Call `retryDue` after this long.
        case retry(after: Duration)
        case report(Event)
    }

    /// What a learner would want to read about.
    public enum Event: Hashable, Sendable {
        case streaming(from: LSN, timeline: Timeline)
        case disconnected
        case refused(ServerError)
        case stopped(Refusal)
        case followed(Timeline, from: LSN)
        case protocolViolation(String)
    }

    /// `wal_retrieve_retry_interval`: how long it waits before the next try.
    public static let retryInterval = Duration.seconds(5)

    /// Where the conversation stands.
    public internal(set) var phase: Phase = .idle
    /// The timeline of what is received next.
    public internal(set) var timeline: Timeline
    /// The next byte that is missing.
    public internal(set) var receivedLSN: LSN
    /// Handed to the own kernel up to here (last byte + 1).
    public internal(set) var writeLSN: LSN
    /// Durable on the own disk up to here.
    public internal(set) var flushLSN: LSN
    /// Replayed up to here.
    public internal(set) var replayLSN: LSN

    let name: String
    let systemIdentifier: UInt64
    var history: TimelineHistory?
    var historyTimeline: Timeline?
    var lastReport: StandbyStatus?

    /// A receiver for a replica whose own log ends at `flushLSN`.
    public init(
        name: String, systemIdentifier: UInt64, timeline: Timeline, flushLSN: LSN, replayLSN: LSN
    ) {
        self.name = name
        self.systemIdentifier = systemIdentifier
        self.timeline = timeline
        receivedLSN = flushLSN
        writeLSN = flushLSN
        self.flushLSN = flushLSN
        self.replayLSN = replayLSN
    }

    // MARK: Connecting

    /// Begin, or begin anew: what the old connection still holds is given up.
    public mutating func connect() -> [Action] {
        phase = .dialling
        // What is not durable yet is asked for again, as after a crash.
        receivedLSN = flushLSN
        lastReport = nil
        return [.dial]
    }

    /// Stop for good, for a promotion or a stop of the node.
    public mutating func stop() -> [Action] {
        let isConnected = isConnectedPhase
        phase = .idle
        return isConnected ? [.disconnect] : []
    }

    /// The upstream accepted the connection.
    public mutating func dialled() -> [Action] {
        guard case .dialling = phase else { return [.disconnect] }
        phase = .greeting
        let startup = StartupMessage(
            user: "shiplog", database: "replication", applicationName: name, replication: true)
        return [.send(.startup(startup))]
    }

    /// The connection is gone, or was refused.
    public mutating func connectionClosed() -> [Action] {
        switch phase {
        case .idle, .stopped, .waiting:
            return []
        case .dialling, .greeting, .asking, .starting, .streaming, .endingTimeline, .switching:
            let wasStreaming = isStreaming
            phase = .waiting
            let event: [Action] = wasStreaming ? [.report(.disconnected)] : []
            return event + [.retry(after: Self.retryInterval)]
        }
    }

    /// The wait between two tries is over.
    public mutating func retryDue() -> [Action] {
        guard case .waiting = phase else { return [] }
        return connect()
    }

    /// Whether WAL flows (or would, if there were any).
    public var isStreaming: Bool {
        switch phase {
        case .streaming: true
        case .idle, .dialling, .greeting, .asking, .starting, .endingTimeline, .switching,
            .waiting, .stopped:
            false
        }
    }

    private var isConnectedPhase: Bool {
        switch phase {
        case .idle, .waiting, .stopped: false
        case .dialling, .greeting, .asking, .starting, .streaming, .endingTimeline, .switching:
            true
        }
    }

    // MARK: The own disk

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

    /// Called when nothing else is moving: reports positions that have changed since the last word.
    public mutating func quiet(now: PostgresTime) -> [Action] {
        guard isStreaming else { return [] }
        let status = status(now: now)
        let last = lastReport
        guard last?.write != status.write || last?.flush != status.flush
            || last?.apply != status.apply
        else { return [] }
        lastReport = status
        return [.sendStatus(status)]
    }

    func status(now: PostgresTime) -> StandbyStatus {
        StandbyStatus(write: writeLSN, flush: flushLSN, apply: replayLSN, sentAt: now)
    }
}
