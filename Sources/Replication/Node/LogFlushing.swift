public import WALFormat

/// How a node's own log gets to its disk, and what its disk can still do. Pure. PostgreSQL:
/// `XLogFlush` with its group commit, and the walwriter.
///
/// - One append at a time, each with its fsync; what commits meanwhile shares the next.
/// - A job that must not reach the disk before the WAL inserted so far waits behind the append.
/// - WAL that finds no room is held, and appended when there is room. Whoever waits for it hears of
///   that at once, and is left not knowing what becomes of it.
/// - The next segment is made ahead of the log, so that the WAL of a change that was let in finds
///   room.
/// - Of a disk that failed nobody knows what is durable: it is asked for nothing more.
public struct LogFlushing<Waiter: Hashable & Sendable>: Hashable, Sendable {
    /// A stretch of log that is not durable yet.
    public struct Stretch: Hashable, Sendable {
        /// Its first byte.
        public let start: LSN
        /// All of them.
        public let bytes: [UInt8]

        /// WAL that begins at `start`.
        public init(start: LSN, bytes: [UInt8]) {
            self.start = start
            self.bytes = bytes
        }
    }

    /// What a disk can still do.
    public enum Health: Hashable, Sendable {
        case works
        /// It can only be read: no new changes.
        case full
        /// In the disk's own words.
        case failed(String)
    }

    /// The one append that there may be.
    public enum Append: Hashable, Sendable {
        case idle
        case underWay(Stretch)
        /// It found the disk full.
        case heldBack(Stretch)
    }

    /// Segments made ahead of the log.
    public enum Room: Hashable, Sendable {
        /// The newest one that is there.
        case made(UInt64)
        /// The disk is making one; the newest before it.
        case making(UInt64, newest: UInt64)
    }

    /// Something about the disk that the learner hears.
    public enum Event: Hashable, Sendable {
        case full
        case hasRoom
        case failed
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Append to the log and sync it. Answer with `appended`.
        case append(Stretch)
        /// Make a segment ahead of the log. Answer with `prepared`.
        case prepare(segment: UInt64)
        /// The log is durable up to here.
        case madeDurable(Stretch, upTo: LSN)
        /// Its commit is durable.
        case release(Waiter)
        /// Nobody knows what becomes of its commit.
        case abandon(Waiter, DiskAnswer)
        /// Give the disk the job of this number.
        case submit(job: Int)
        /// The job of this number cannot be done.
        case refuse(job: Int, DiskAnswer)
        /// Tell who asked under this number how the flush ended.
        case ended(Int, DiskAnswer)
        /// Flush what was inserted meanwhile.
        case flushMore
        /// Tell the learner.
        case report(Event)
        /// Tell whatever the node is in the middle of that its disk has failed.
        case interruptLife
    }

    private static var noRoom: String { "no room for the log" }

    /// The next segment is made when less than this is left of the present one, in bytes.
    public static var roomByteCount: Int { 128 << 10 }

    /// What its disk can still do.
    public private(set) var health = Health.works
    /// How the WAL inserted last gets to disk.
    public private(set) var append = Append.idle
    /// What is made ahead.
    public private(set) var room: Room
    private var gate: CommitGate<Waiter>
    private var behind: [Int] = []
    private var listeners: [Int] = []

    /// A log durable up to `flushLSN`, on a disk with segments up to `newestSegment`.
    public init(flushLSN: LSN, newestSegment: UInt64) {
        gate = CommitGate(flushLSN: flushLSN)
        room = .made(newestSegment)
    }

    /// The log is durable up to here (last byte + 1).
    public var flushLSN: LSN { gate.flushLSN }

    /// How many commits wait.
    public var waitingCount: Int { gate.waitingCount }

    /// The newest segment that is there ahead of the log.
    public var newestSegment: UInt64 {
        switch room {
        case .made(let newest), .making(_, let newest): newest
        }
    }
}

// Flushing.
extension LogFlushing {
    /// A commit's record ends at `lsn`. Says whether its client may be answered at once; otherwise
    /// it is released or abandoned later.
    public mutating func commitInserted(_ waiter: Waiter, endingAt lsn: LSN) -> Bool {
        gate.commitInserted(waiter, endingAt: lsn)
    }

    /// Somebody wants what was inserted on disk; `taking` gives it, and is asked once at most.
    public mutating func flush(taking inserted: () -> Stretch?) -> [Action] {
        switch (health, append) {
        case (.failed, _), (_, .underWay), (.full, .heldBack): return []
        case (.works, .idle), (.full, .idle):
            guard let stretch = inserted() else { return [] }
            append = .underWay(stretch)
            return [.append(stretch)]
        case (.works, .heldBack(let held)):
            let stretch = Stretch(start: held.start, bytes: held.bytes + (inserted()?.bytes ?? []))
            append = .underWay(stretch)
            return [.append(stretch)]
        }
    }

    /// Somebody wants to hear, under a number, when what was inserted is durable.
    public mutating func flush(for listener: Int, taking inserted: () -> Stretch?) -> [Action] {
        let actions = flush(taking: inserted)
        switch (append, health) {
        case (.underWay, _):
            listeners.append(listener)
            return actions
        case (_, .failed(let reason)): return [.ended(listener, .failed(reason))]
        case (.heldBack, _): return [.ended(listener, .full(Self.noRoom))]
        case (.idle, _): return [.ended(listener, .done)]
        }
    }

    /// A job must not reach the disk before the WAL inserted so far.
    public mutating func submitBehind(_ job: Int, taking inserted: () -> Stretch?) -> [Action] {
        if case .underWay = append {
            behind.append(job)
            return []
        }
        let actions = flush(taking: inserted)
        if case .heldBack = append { return [.refuse(job: job, .full(Self.noRoom))] }
        // The disk does one thing after the other: behind an append is behind its WAL.
        return actions + [.submit(job: job)]
    }

    /// What an append has come to.
    public mutating func appended(_ answer: DiskAnswer, upTo lsn: LSN) -> [Action] {
        guard case .underWay(let stretch) = append else { return [] }
        append = .idle
        switch answer {
        case .done:
            defer { (listeners, behind) = ([], []) }
            return [.madeDurable(stretch, upTo: lsn)] + release(upTo: lsn)
                + listeners.map { .ended($0, .done) } + [.flushMore]
                + behind.map { .submit(job: $0) }
        case .full:
            append = .heldBack(stretch)
            return foundFull() + cutOff(answer)
        case .failed(let reason): return failed(reason)
        }
    }

    /// A standby's log, which its receiver writes, is durable up to here.
    public mutating func received(upTo lsn: LSN) -> [Action] {
        // Room that its disk has again needs no word: WAL comes, and is told of.
        if health == .full { health = .works }
        return release(upTo: lsn)
    }

    /// The log goes on from `lsn`, on a new timeline, of which nothing is on disk yet.
    public mutating func beginTimeline(at lsn: LSN) {
        gate = CommitGate(flushLSN: lsn)
        append = .idle
        room = .made(0)
    }

    /// A standby follows its upstream onto another timeline: what it had ahead on the old one goes.
    public mutating func followedTimeline() { room = .made(0) }

    private mutating func release(upTo lsn: LSN) -> [Action] {
        gate.walFlushed(upTo: lsn).map { .release($0) }
    }

    /// Nobody is left waiting for WAL that is not durable and will not be for now.
    private mutating func cutOff(_ answer: DiskAnswer) -> [Action] {
        defer { (listeners, behind) = ([], []) }
        return gate.abandonAll().map { .abandon($0, answer) }
            + behind.map { .refuse(job: $0, answer) } + listeners.map { .ended($0, answer) }
    }
}

// What the disk can still do.
extension LogFlushing {
    /// A job failed in a way that says nothing of room: nothing is acknowledged any more.
    public mutating func failed(_ reason: String) -> [Action] {
        if case .underWay = append { append = .idle }
        if case .failed = health { return [] }
        health = .failed(reason)
        return [.report(.failed)] + cutOff(.failed(reason)) + [.interruptLife]
    }

    /// There was no room for something.
    public mutating func foundFull() -> [Action] {
        guard health == .works else { return [] }
        health = .full
        return [.report(.full)]
    }

    /// Makes the next segment when little is left of the present one.
    public mutating func makeRoom(behind insertLSN: LSN, _ size: SegmentSize) -> [Action] {
        let next = size.number(containing: insertLSN) + 1
        guard health == .works, size.start(of: next) - insertLSN < Self.roomByteCount,
            newestSegment < next
        else { return [] }
        return prepare(next)
    }

    /// Somebody may have made room on a full disk: looks.
    public mutating func tryForRoom(behind insertLSN: LSN, _ size: SegmentSize) -> [Action] {
        guard health == .full else { return [] }
        return prepare(size.number(containing: insertLSN) + 1)
    }

    private mutating func prepare(_ segment: UInt64) -> [Action] {
        guard case .made(let newest) = room else { return [] }
        room = .making(segment, newest: newest)
        return [.prepare(segment: segment)]
    }

    /// What the making of a segment has come to.
    public mutating func prepared(_ segment: UInt64, _ answer: DiskAnswer) -> [Action] {
        // A timeline begun meanwhile has none of the old one's segments.
        guard case .making(segment, let newest) = room else { return [] }
        room = .made(newest)
        switch answer {
        case .full: return foundFull()
        case .failed(let reason): return failed(reason)
        case .done:
            room = .made(max(newest, segment))
            guard health == .full else { return [] }
            health = .works
            return [.report(.hasRoom), .flushMore]
        }
    }

    /// Old segments were renamed to stand ahead of the log, up to this one.
    public mutating func recycled(upTo segment: UInt64) {
        switch room {
        case .made(let newest): room = .made(max(newest, segment))
        case .making(let made, let newest): room = .making(made, newest: max(newest, segment))
        }
    }
}
