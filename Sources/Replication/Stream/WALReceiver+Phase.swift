public import WALFormat
public import WireProtocol

// What a receiver can be in, and what it tells.
extension WALReceiver {
    /// Where the conversation stands.
    public enum Phase: Hashable, Sendable {
        /// Not connected and not trying.
        case idle
        /// A connection is being made.
        case dialling
        /// The startup packet is out.
        case greeting
        /// A command is out; its answer so far.
        case asking(Question, PartialAnswer)
        /// The disk is storing the history of the upstream's timeline: it comes before the stream.
        case storingHistory(Timeline)
        /// START_REPLICATION is out. Its answer is no stream if the timeline ends right there.
        case starting(PartialAnswer)
        /// WAL flows.
        case streaming
        /// The upstream ended the timeline; its last word is still to come.
        case endingTimeline(PartialAnswer)
        /// The timeline has arrived to its end, and the disk has not made all of it durable yet.
        case syncing(Fork)
        /// The disk is beginning the next timeline.
        case switching
        /// The connection is gone; then it is tried again.
        case waiting(until: PostgresTime)
        /// It is time to try again, and the disk has not made durable yet all that has arrived.
        /// PostgreSQL: `XLogWalRcvDie` flushes before a walreceiver is gone.
        case flushing
    }

    /// A command whose answer is a row.
    public enum Question: Hashable, Sendable {
        /// Which cluster, which timeline, how far?
        case identifySystem
        /// How did this timeline come about?
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

    /// What a learner would want to read about.
    public enum Event: Hashable, Sendable {
        /// The stream has begun.
        case streaming(from: LSN, timeline: Timeline)
        /// The stream broke off; it will be tried again after this long.
        case disconnected(retryAfter: Duration)
        /// The upstream said nothing for so long; the connection was dropped. PostgreSQL:
        /// "terminating walreceiver due to timeout".
        case timedOut(after: Duration)
        /// The upstream answered with an error; it will be asked again.
        case refused(ServerError)
        /// This upstream cannot be followed as it is; it will be asked again.
        case stopped(Refusal)
        /// The log goes on, on this timeline.
        case followed(Timeline, from: LSN)
        /// The upstream said what no upstream may say; the connection was dropped.
        case protocolViolation(String)
    }

    /// A timeline and how it came about.
    struct Ancestry: Hashable {
        let timeline: Timeline
        let history: TimelineHistory
    }

    /// Where the next timeline begins.
    public struct Fork: Hashable, Sendable {
        /// The next timeline.
        public let timeline: Timeline
        /// The first position that is its own.
        public let switchpoint: LSN
        let history: TimelineHistory
    }
}

extension WALReceiver.Phase {
    /// What has arrived of an answer that is under way; nil when none is.
    var answer: PartialAnswer? {
        switch self {
        case .asking(_, let answer), .starting(let answer), .endingTimeline(let answer): answer
        case .idle, .dialling, .greeting, .storingHistory, .streaming, .syncing, .switching,
            .waiting, .flushing:
            nil
        }
    }

    /// The same with more of the answer.
    func with(_ answer: PartialAnswer) -> Self {
        switch self {
        case .asking(let question, _): .asking(question, answer)
        case .starting: .starting(answer)
        case .endingTimeline: .endingTimeline(answer)
        case .idle, .dialling, .greeting, .storingHistory, .streaming, .syncing, .switching,
            .waiting, .flushing:
            self
        }
    }
}
