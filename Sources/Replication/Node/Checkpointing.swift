/// When a node takes a checkpoint, and what follows it. Pure. PostgreSQL: the checkpointer.
///
/// A checkpoint writes the table's changed pages, and then the control data that point at it; after
/// it the WAL that nobody needs goes. A standby takes a restartpoint, at a checkpoint of its
/// upstream's.
///
/// - One at a time. Who asks while one is under way waits for the next, for what he wants on disk
///   may have come too late for this one; they share that next.
/// - On a full disk there is none. But WAL that is kept for nobody any more, since a slot was
///   dropped, goes all the same, and makes room.
public struct Checkpointing<Waiter: Hashable & Sendable>: Hashable, Sendable {
    /// How one ended.
    public enum Outcome: Hashable, Sendable {
        /// Recovery would begin at its redo point now.
        case taken(pageCount: Int, removedSegmentCount: Int)
        /// A standby had replayed no checkpoint since its last restartpoint.
        case notNeeded
        /// The disk is full: nothing was checkpointed, but WAL was let go of.
        case foundDiskFull(removedSegmentCount: Int)
        /// There is none, for want of room or worse.
        case failed(DiskAnswer)
    }

    /// How far it is.
    public enum Phase: Hashable, Sendable {
        /// None is under way.
        case idle
        /// Pages and control data are on their way to disk.
        case writing([Waiter])
        /// It is there; unneeded WAL is being removed.
        case removing([Waiter], pageCount: Int)
        /// There was no room for it; unneeded WAL is being removed.
        case makingRoom([Waiter], DiskAnswer?)
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Write the checkpoint behind all WAL. Answer with `written` or `notNeeded`.
        case write
        /// Let go of WAL that nobody needs. Answer with `removed`.
        case removeOldWAL
        /// Tell who asked.
        case answer(Waiter, Outcome)
    }

    /// How far it is.
    public private(set) var phase = Phase.idle
    private var next: [Waiter] = []

    /// None is under way.
    public init() {}

    /// Somebody wants one.
    public mutating func requested(by waiter: Waiter, diskIsFull: Bool) -> [Action] {
        next.append(waiter)
        return phase == .idle ? begin(diskIsFull: diskIsFull) : []
    }

    /// So much log was written since the last that one is due. Does nothing while one is under way.
    public mutating func isDue(diskIsFull: Bool) -> [Action] {
        guard phase == .idle, !diskIsFull else { return [] }
        phase = .writing([])
        return [.write]
    }

    /// A standby has nothing to make a restartpoint of.
    public mutating func notNeeded(diskIsFull: Bool) -> [Action] {
        guard case .writing(let waiters) = phase else { return [] }
        return end(waiters, .notNeeded, diskIsFull: diskIsFull)
    }

    /// It is on disk, or is not.
    public mutating func written(
        _ answer: DiskAnswer, pageCount: Int, diskIsFull: Bool
    ) -> [Action] {
        guard case .writing(let waiters) = phase else { return [] }
        switch answer {
        case .done:
            phase = .removing(waiters, pageCount: pageCount)
            return [.removeOldWAL]
        case .full:
            phase = .makingRoom(waiters, answer)
            return [.removeOldWAL]
        case .failed:
            return end(waiters, .failed(answer), diskIsFull: diskIsFull)
        }
    }

    /// So many segments are gone.
    public mutating func removed(_ count: Int, diskIsFull: Bool) -> [Action] {
        switch phase {
        case .idle, .writing: return []
        case .removing(let waiters, let pageCount):
            let outcome = Outcome.taken(pageCount: pageCount, removedSegmentCount: count)
            return end(waiters, outcome, diskIsFull: diskIsFull)
        case .makingRoom(let waiters, let answer?) where count == 0:
            return end(waiters, .failed(answer), diskIsFull: diskIsFull)
        case .makingRoom(let waiters, _):
            let outcome = Outcome.foundDiskFull(removedSegmentCount: count)
            return end(waiters, outcome, diskIsFull: diskIsFull)
        }
    }

    private mutating func begin(diskIsFull: Bool) -> [Action] {
        let waiters = next
        next = []
        phase = diskIsFull ? .makingRoom(waiters, nil) : .writing(waiters)
        return [diskIsFull ? .removeOldWAL : .write]
    }

    private mutating func end(
        _ waiters: [Waiter], _ outcome: Outcome, diskIsFull: Bool
    ) -> [Action] {
        phase = .idle
        return waiters.map { .answer($0, outcome) }
            + (next.isEmpty ? [] : begin(diskIsFull: diskIsFull))
    }
}
