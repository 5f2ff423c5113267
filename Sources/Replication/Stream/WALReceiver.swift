public import WALFormat
public import WireProtocol

/// The replica's side of one upstream: connects, finds out where it stands, streams WAL into its
/// own log, reports how far it got, and tries again when the connection goes. Pure.
///
/// PostgreSQL: `walreceiver.c` and the part of `xlogrecovery.c` that follows timelines. Unlike a
/// PostgreSQL standby, which asks for the whole segment again, it asks for its own flush position;
/// and it counts WAL past a fork as divergence even if that was not replayed yet, since it never
/// takes back what it has reported as flushed.
///
/// - What it holds is contiguous: WAL that does not begin where the last ended is refused.
/// - A timeline is begun on disk when all before it is durable there, not sooner.
/// - Nothing is replayed here: `write` and `flush` are its own disk's word, `apply` is told to it.
/// - Whatever ends a connection, or refuses one, it is tried again after `timing.retryInterval`.
/// - An upstream that says nothing for `timing.timeout`, while it is its turn, is given up. That
///   goes for its greeting and its answers, too, where PostgreSQL would wait for ever.
/// - After `disconnect`, or a call of `stop`, what the old connection still says counts for
///   nothing.
public struct WALReceiver: Hashable, Sendable {
    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Connect to the upstream. Answer with `dialled` or `connectionClosed`.
        case dial
        /// Send a message.
        case send(FrontendMessage)
        /// Send the positions as CopyData.
        case sendStatus(StandbyStatus)
        /// Write to the own log, unflushed. Answer with `walWritten`.
        case writeWAL(Timeline, at: LSN, bytes: [UInt8])
        /// Store the history of a timeline among the own log's files. Answer with `historyStored`.
        case storeHistory(Timeline, TimelineHistory)
        /// Begin the next timeline on disk at its switchpoint, up to which all is durable. Answer
        /// with `timelineSwitched`.
        case switchTimeline(Timeline, TimelineHistory)
        /// Close the connection; say nothing of it any more.
        case disconnect
        /// Tell the learner.
        case report(Event)
    }

    /// PostgreSQL's `wal_retrieve_retry_interval`.
    public static let retryInterval = Duration.seconds(5)
    /// The user it logs in as, unless told otherwise.
    public static let user = "shiplog"

    /// How long it waits, for what.
    public struct Timing: Hashable, Sendable {
        /// `wal_receiver_timeout`: an upstream silent for so long is given up; after half of it, it
        /// is asked for a word. Zero: never.
        public var timeout = Duration.seconds(60)
        /// `wal_receiver_status_interval`: positions are reported at least so often. Zero: only
        /// when asked.
        public var statusInterval = Duration.seconds(10)
        /// `wal_retrieve_retry_interval`: between two tries.
        public var retryInterval = WALReceiver.retryInterval

        /// PostgreSQL's defaults.
        public init() {}
    }

    /// A byte of the log, and who is to send it.
    struct NextByte: Hashable, Sendable {
        var timeline: Timeline
        var lsn: LSN
    }

    /// How far the upstream's own log was durable, and its clock. PostgreSQL: `latestWalEnd` and
    /// `latestWalEndTime`.
    public struct UpstreamWord: Hashable, Sendable {
        /// The end of its log.
        public var end: LSN
        /// When it said so, by its clock.
        public var sentAt: PostgresTime
    }

    /// Where the conversation stands.
    public internal(set) var phase: Phase = .idle
    /// The next byte that is missing.
    var next: NextByte
    /// How far its own disk and its own replay are.
    public internal(set) var own: OwnPositions

    /// How long it waits, for what. A change counts from the next event on.
    public var timing: Timing
    /// `primary_slot_name`: the slot asked for with the next stream.
    public var slot: String?

    /// Why the upstream could not be followed when it was last asked; nil once it streams.
    public internal(set) var refusal: Refusal?
    /// What the upstream last said of itself; nil before its first word.
    public internal(set) var upstreamWord: UpstreamWord?

    let name: String
    let user: String
    let systemIdentifier: UInt64
    /// The upstream's timeline and its history, as far as this connection had to ask.
    var upstream: Ancestry?
    /// The timeline the own disk is beginning. It outlives the connection that asked for it.
    var pendingSwitch: Fork?
    var lastReport: StandbyStatus?
    /// How long the upstream has said nothing.
    var silence = Silence(since: PostgresTime(microseconds: .min))
    /// When the event at hand happened.
    var now = PostgresTime(microseconds: .min)

    /// A receiver for a replica whose own log ends at `flushLSN`. It calls itself `name`.
    public init(
        name: String, user: String = user, systemIdentifier: UInt64, timeline: Timeline,
        flushLSN: LSN, replayLSN: LSN, slot: String? = nil, timing: Timing = Timing()
    ) {
        self.name = name
        self.user = user
        self.slot = slot
        self.timing = timing
        self.systemIdentifier = systemIdentifier
        next = NextByte(timeline: timeline, lsn: flushLSN)
        own = OwnPositions(flush: flushLSN, replay: replayLSN)
    }

    // MARK: Connecting

    /// Begin, or begin anew: a connection that is still there is given up.
    public mutating func connect(now: PostgresTime) -> [Action] {
        self.now = now
        let isConnected = isConnected
        refusal = nil
        return (isConnected ? [.disconnect] : []) + dial()
    }

    /// A stream begins behind what is durable: what is on its way to the disk gets there first.
    mutating func dialWhenDurable() -> [Action] {
        guard receivedLSN <= flushLSN else {
            phase = .flushing
            return []
        }
        return dial()
    }

    mutating func dial() -> [Action] {
        phase = .dialling
        silence = Silence(since: now)
        upstream = nil
        return [.dial]
    }

    /// Stop for good, for a promotion or a stop of the node.
    public mutating func stop() -> [Action] {
        let isConnected = isConnected
        phase = .idle
        refusal = nil
        return isConnected ? [.disconnect] : []
    }

    /// The upstream accepted the connection.
    public mutating func dialled(now: PostgresTime) -> [Action] {
        self.now = now
        switch phase {
        case .dialling:
            phase = .greeting
            silence.received(at: now)
            let startup = StartupMessage(
                user: user, database: "replication", applicationName: name,
                replication: true)
            return [.send(.startup(startup))]
        case .idle, .waiting, .flushing:
            // It was stopped meanwhile.
            return [.disconnect]
        case .greeting, .asking, .storingHistory, .starting, .streaming, .endingTimeline, .syncing,
            .switching:
            return []
        }
    }

    /// The connection is gone, or was refused.
    public mutating func connectionClosed(now: PostgresTime) -> [Action] {
        self.now = now
        switch phase {
        case .idle, .waiting, .flushing:
            return []
        case .dialling, .greeting, .asking, .storingHistory, .starting:
            waitForRetry()
            return []
        case .streaming, .endingTimeline, .syncing, .switching:
            waitForRetry()
            return [.report(.disconnected(retryAfter: timing.retryInterval))]
        }
    }

    mutating func waitForRetry() {
        phase = .waiting(until: now.advanced(by: timing.retryInterval))
    }

    /// When it is tried again; nil if it does not wait for that.
    public var retryAt: PostgresTime? {
        switch phase {
        case .waiting(let until): until
        case .idle, .dialling, .greeting, .asking, .storingHistory, .starting, .streaming,
            .endingTimeline, .syncing, .switching, .flushing:
            nil
        }
    }

    /// Whether WAL flows (or would, if there were any).
    public var isStreaming: Bool { phase == .streaming }

    private var isConnected: Bool {
        switch phase {
        case .idle, .waiting, .flushing: false
        case .dialling, .greeting, .asking, .storingHistory, .starting, .streaming,
            .endingTimeline, .syncing, .switching:
            true
        }
    }
}
