public import WALFormat

/// A standby on its way to being a primary: step 3 of the chapter's failover. Pure.
///
/// PostgreSQL: `StartupXLOG` after the promote trigger. In this order, each step when the one
/// before is durable:
///
/// 1. No more WAL is received; what was is made durable and replayed.
/// 2. A number that no history on this disk has, for the new timeline.
/// 3. The new timeline's history file and first segment.
/// 4. `standby.signal` goes: the point of no return. A power loss before it leaves a standby on the
///    old timeline, one after it a primary on the new.
/// 5. The end-of-recovery record, the first of the new timeline; then clients may write.
/// 6. A checkpoint.
///
/// - It never goes back behind step 4; until then a full disk costs nothing but the try: what was
///   begun is taken back, and the node receives again.
/// - It ends once, with `.promoted` or `.failed`.
public struct Promotion: Hashable, Sendable {
    /// The timeline it begins.
    public struct NewTimeline: Hashable, Sendable {
        /// Its number.
        public let timeline: Timeline
        /// The timeline it leaves.
        public let parent: Timeline
        /// The first byte that is its own.
        public let switchpoint: LSN
        /// Its history; the parent comes last.
        public let history: TimelineHistory

        /// A timeline that leaves another.
        public init(
            timeline: Timeline, parent: Timeline, switchpoint: LSN, history: TimelineHistory
        ) {
            self.timeline = timeline
            self.parent = parent
            self.switchpoint = switchpoint
            self.history = history
        }
    }

    /// What can go wrong, by what the disk was asked for.
    public enum Step: String, Hashable, Sendable {
        /// What was received must be durable and replayed first.
        case replay
        /// Is a timeline's number free?
        case chooseTimeline
        /// History file and first segment of the new timeline.
        case beginTimeline
        /// Taking these back.
        case abandonTimeline
        /// Removing `standby.signal`.
        case leaveRecovery
        /// The first record of the new timeline.
        case endOfRecovery
        /// The checkpoint behind it.
        case checkpoint
    }

    /// What the node is after a promotion that failed.
    public enum Standing: Hashable, Sendable {
        /// A standby as before, on this timeline, that receives again.
        case standby(Timeline)
        /// Its disk failed: it acknowledges nothing. A restart finds a standby on `old`, or if
        /// `new` is not nil, that or a primary on it.
        case failed(old: Timeline, new: Timeline?)
        /// A primary on this timeline, whose disk is full or has failed: it takes no writes yet.
        case primary(Timeline)
    }

    /// Why there was no promotion.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// What the disk was asked for.
        public let step: Step
        /// What the disk said.
        public let reason: String
        /// What the node is now.
        public let standing: Standing

        /// One line: what the disk said.
        public var description: String { reason }

        /// A failure.
        public init(step: Step, reason: String, standing: Standing) {
            self.step = step
            self.reason = reason
            self.standing = standing
        }

        /// The disk had failed before: nothing was begun.
        public static func diskHasFailed(_ reason: String, on timeline: Timeline) -> Failure {
            Failure(step: .replay, reason: reason, standing: .failed(old: timeline, new: nil))
        }
    }

    /// How far it is.
    public enum Phase: Hashable, Sendable {
        /// Waiting for what was received.
        case replaying
        /// Asking whether a number is free.
        case choosing(Parent, candidate: Timeline)
        /// The new timeline's files are being made.
        case beginning(NewTimeline)
        /// They are being taken back, for want of room.
        case abandoning(NewTimeline, reason: String)
        /// `standby.signal` is being removed.
        case leavingRecovery(NewTimeline)
        /// The end-of-recovery record is on its way to disk.
        case writingEndOfRecovery(NewTimeline)
        /// The checkpoint is.
        case checkpointing(NewTimeline)
        /// The node is a primary.
        case promoted(NewTimeline)
        /// It is not, or not of much use.
        case failed(Failure)
    }

    /// The log that the promotion ends.
    public struct Parent: Hashable, Sendable {
        /// The timeline of the log's end.
        public let timeline: Timeline
        /// Its history.
        public let history: TimelineHistory
        /// The end of what is durable and replayed.
        public let end: LSN

        /// A log that a standby has received, and replayed to its end.
        public init(timeline: Timeline, history: TimelineHistory, end: LSN) {
            self.timeline = timeline
            self.history = history
            self.end = end
        }
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Receive no more. Answer with `replayed` when what was received is durable and replayed.
        case stopReceiving
        /// Is there a history of this timeline on the disk? Answer with `historyLooked`.
        case lookForHistory(Timeline)
        /// Make the timeline's files. Answer with `timelineBegun`.
        case beginTimeline(NewTimeline)
        /// Take them back. Answer with `timelineAbandoned`.
        case abandonTimeline(NewTimeline)
        /// Remove `standby.signal`. Answer with `recoveryLeft`.
        case leaveRecovery
        /// Begin to write the log, on the new timeline, with the end-of-recovery record. Answer
        /// with `endOfRecoveryWritten`.
        case writeEndOfRecovery(NewTimeline)
        /// Tell clients that the node takes writes.
        case announce
        /// Take a checkpoint. Answer with `checkpointTaken`.
        case takeCheckpoint
        /// Receive from the upstream again.
        case resumeReceiving
    }

    /// What is written into the history file. PostgreSQL's words where no target was given.
    public static let reason = "no recovery target specified"

    /// How far it is.
    public private(set) var phase = Phase.replaying
    /// The newest timeline there is anywhere: the new one is later.
    private let newest: Timeline

    /// - Parameter newest: the newest timeline that anybody has begun, or tried to. PostgreSQL asks
    ///   the archive; the lab has none, and its cluster knows.
    public init(after newest: Timeline) {
        self.newest = newest
    }

    /// Whether it is over, one way or the other.
    public var isOver: Bool {
        switch phase {
        case .promoted, .failed: true
        case .replaying, .choosing, .beginning, .abandoning, .leavingRecovery,
            .writingEndOfRecovery, .checkpointing:
            false
        }
    }

    /// Begins.
    public func begin() -> [Action] { [.stopReceiving] }
}

// What the shell reports.
extension Promotion {
    /// All that was received is durable and replayed.
    public mutating func replayed(_ parent: Parent) -> [Action] {
        guard case .replaying = phase else { return [] }
        return choose(parent, after: max(newest, parent.timeline))
    }

    /// The disk failed while the received WAL was on its way.
    public mutating func replayFailed(_ reason: String, on timeline: Timeline) -> [Action] {
        guard case .replaying = phase else { return [] }
        return fail(.replay, reason, .failed(old: timeline, new: nil))
    }

    /// Nobody waits any longer for what was received to be replayed: nothing was begun, and nothing
    /// is.
    public mutating func replayTakesTooLong(on timeline: Timeline) -> [Action] {
        guard case .replaying = phase else { return [] }
        return giveUp(.replay, "it has not replayed all that it received", timeline)
    }

    /// The disk was asked for a history.
    public mutating func historyLooked(_ answer: HistoryAnswer) -> [Action] {
        guard case .choosing(let parent, let candidate) = phase else { return [] }
        switch answer {
        case .present: return choose(parent, after: candidate)
        case .absent: return begin(candidate, after: parent)
        case .unknown(let reason): return giveUp(.chooseTimeline, reason, parent.timeline)
        }
    }

    /// The new timeline's files are there, or are not.
    public mutating func timelineBegun(_ answer: DiskAnswer) -> [Action] {
        guard case .beginning(let new) = phase else { return [] }
        switch answer {
        case .done:
            phase = .leavingRecovery(new)
            return [.leaveRecovery]
        case .full(let reason):
            phase = .abandoning(new, reason: reason)
            return [.abandonTimeline(new)]
        case .failed(let reason):
            return fail(.beginTimeline, reason, .failed(old: new.parent, new: nil))
        }
    }

    /// They are gone again.
    public mutating func timelineAbandoned(_ answer: DiskAnswer) -> [Action] {
        guard case .abandoning(let new, let reason) = phase else { return [] }
        switch answer {
        case .done: return giveUp(.beginTimeline, reason, new.parent)
        case .full(let reason), .failed(let reason):
            return fail(.abandonTimeline, reason, .failed(old: new.parent, new: nil))
        }
    }

    /// `standby.signal` is gone, or nobody knows.
    public mutating func recoveryLeft(_ answer: DiskAnswer) -> [Action] {
        guard case .leavingRecovery(let new) = phase else { return [] }
        switch answer {
        case .done:
            phase = .writingEndOfRecovery(new)
            return [.writeEndOfRecovery(new)]
        case .full(let reason), .failed(let reason):
            return fail(.leaveRecovery, reason, .failed(old: new.parent, new: new.timeline))
        }
    }

    /// The first record of the new timeline is durable, or is not.
    public mutating func endOfRecoveryWritten(_ answer: DiskAnswer) -> [Action] {
        guard case .writingEndOfRecovery(let new) = phase else { return [] }
        switch answer {
        case .done:
            phase = .checkpointing(new)
            return [.announce, .takeCheckpoint]
        case .full(let reason), .failed(let reason):
            return fail(.endOfRecovery, reason, .primary(new.timeline))
        }
    }

    /// The checkpoint is on disk. One that found no room is left to the next: the log has it all.
    public mutating func checkpointTaken(_ answer: DiskAnswer) -> [Action] {
        guard case .checkpointing(let new) = phase else { return [] }
        switch answer {
        case .done, .full:
            phase = .promoted(new)
            return []
        case .failed(let reason):
            return fail(.checkpoint, reason, .primary(new.timeline))
        }
    }

    private mutating func choose(_ parent: Parent, after timeline: Timeline) -> [Action] {
        guard timeline.next > timeline else {
            return giveUp(
                .chooseTimeline, "there is no timeline after \(timeline)", parent.timeline)
        }
        phase = .choosing(parent, candidate: timeline.next)
        return [.lookForHistory(timeline.next)]
    }

    private mutating func begin(_ timeline: Timeline, after parent: Parent) -> [Action] {
        let new = NewTimeline(
            timeline: timeline, parent: parent.timeline, switchpoint: parent.end,
            history: parent.history.appending(
                timeline: parent.timeline, switchpoint: parent.end, reason: Self.reason))
        phase = .beginning(new)
        return [.beginTimeline(new)]
    }

    /// Nothing has changed: it goes on as the standby that it was.
    private mutating func giveUp(
        _ step: Step, _ reason: String, _ timeline: Timeline
    ) -> [Action] {
        phase = .failed(Failure(step: step, reason: reason, standing: .standby(timeline)))
        return [.resumeReceiving]
    }

    private mutating func fail(
        _ step: Step, _ reason: String, _ standing: Standing
    ) -> [Action] {
        phase = .failed(Failure(step: step, reason: reason, standing: standing))
        return []
    }
}
