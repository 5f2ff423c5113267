import LabClock
import Storage
import WALFormat

/// A standby's replay of its own log, record by record, by the same redo that crash recovery uses.
/// It is fed what is durable, and says where it has to stop. PostgreSQL: the startup process.
///
/// - Replay never passes what it was fed.
/// - One record after the other: each takes its time, and is done when that is over. What is done
///   by an instant depends on what was fed when, and not on how often anybody looked.
/// - It stops for good at what is no log: following on would only make it worse.
/// - It takes away no rows that somebody here still reads: at a record that says so it waits.
package struct Replay {
    /// Where it cannot go on, and why.
    struct Stop {
        let at: LSN
        let reason: String
    }

    /// What comes next in the log.
    fileprivate enum Step {
        case record(WALRecord, start: LSN, end: LSN)
        case stop(Stop)
    }

    /// Records handed to redo since the process started, repeats included.
    package private(set) var redoneRecords = 0
    /// Records handed to redo that had been replayed before; 0 by the protocol.
    package private(set) var repeatedRecords = 0
    /// Commits among the whole records that are durable and not replayed yet.
    package private(set) var pendingCommits = 0
    /// When the last whole record that is there is replayed; nil: all are.
    private(set) var caughtUpAt: LabInstant?
    private var cost = ReplayCost.none
    private var reader: WALReader
    private var hasStopped = false
    /// What it waits for; nil: for nothing but time.
    package private(set) var wait: ReplayWait?
    /// Whole records that are not replayed, oldest first.
    private var queue: [(step: Step, done: LabInstant)] = []
    private var head = 0
    /// Where in it the records are that take rows away.
    private var removals: [Int] = []
    private var receipts = WALReceipts()

    /// A replay that goes on where the table is.
    init(on database: Database) {
        reader = WALReader(
            at: database.insertLSN, previous: database.lastRecordStart,
            segmentSize: database.segmentSize, systemIdentifier: database.systemIdentifier)
    }

    /// Whether every whole record that it was fed is replayed.
    var isCaughtUp: Bool { queue.isEmpty }

    /// When it is to be looked at next; nil: not before something happens.
    var nextLook: LabInstant? { wait == nil ? nextRemoval ?? caughtUpAt : nil }

    /// More of the log is durable, up to `end`.
    mutating func feed(_ bytes: [UInt8], upTo end: LSN, now: LabInstant) {
        reader.feed(bytes)
        receipts.note(end, at: now)
    }

    /// How many commits more it would replay than it has looked at, were this durable behind what
    /// it was fed.
    func commitCount(in bytes: some Sequence<[UInt8]>) -> Int {
        guard !hasStopped, !endsInStop else { return 0 }
        var ahead = reader
        for piece in bytes { ahead.feed(piece) }
        var count = 0
        while case .record(let record, _, _) = ahead.next() {
            if record.isCommit { count += 1 }
        }
        return count
    }

    /// From now on replay takes so long; the record that it is at keeps its time.
    mutating func take(_ cost: ReplayCost, now: LabInstant) {
        self.cost = cost
        if head < queue.count { retime() }
    }

    /// Those behind the record that it is at follow it, each in its time.
    private mutating func retime() {
        for place in (head + 1)..<queue.count {
            let duration = duration(of: queue[place].step)
            queue[place].done = queue[place - 1].done.advanced(by: duration)
        }
        caughtUpAt = queue.last?.done
    }

    /// Replays every whole record that is there and whose time is over, up to one that takes away
    /// what somebody reads. Says, once, that it has to stop.
    ///
    /// - Parameter oldest: the oldest `xmin` of the snapshots that are read from here.
    mutating func run(
        on database: inout Database, now: LabInstant, sparing oldest: TransactionID?
    ) -> Stop? {
        defer { receipts.forget(upTo: database.insertLSN) }
        while !hasStopped, let step = next(by: now, sparing: oldest) {
            switch step {
            case .record(let record, let start, let end):
                guard let stop = redo(record, start, end, on: &database) else { continue }
                return self.stop(stop)
            case .stop(let stop):
                return self.stop(stop)
            }
        }
        return nil
    }

    private mutating func redo(
        _ record: WALRecord, _ start: LSN, _ end: LSN, on database: inout Database
    ) -> Stop? {
        redoneRecords += 1
        if start < database.insertLSN { repeatedRecords += 1 }
        do throws(RedoFailure) {
            try database.redo(record, start: start, end: end)
            return nil
        } catch {
            return Stop(at: start, reason: error.description)
        }
    }

    private mutating func stop(_ stop: Stop) -> Stop {
        hasStopped = true
        forgetQueue()
        return stop
    }
}

// What is there and not replayed.
extension Replay {
    /// The next step, if its time is over and nobody is in its way.
    private mutating func next(by now: LabInstant, sparing oldest: TransactionID?) -> Step? {
        if cost == .none, queue.isEmpty {
            guard let step = read() else { return nil }
            guard step.removes != nil else { return step }
            enqueue(step, done: now)
        }
        readAhead(now: now)
        guard head < queue.count, queue[head].done <= now else { return nil }
        let step = queue[head].step
        guard !isInTheWay(oldest, of: step, now: now) else { return nil }
        defer {
            head += 1
            if removals.first ?? head < head { removals.removeFirst() }
            if head == queue.count { forgetQueue() }
        }
        if step.isCommit { pendingCommits -= 1 }
        return step
    }

    /// Whether a reader needs what a record takes away. PostgreSQL:
    /// `ResolveRecoveryConflictWithSnapshot`.
    private mutating func isInTheWay(
        _ oldest: TransactionID?, of step: Step, now: LabInstant
    ) -> Bool {
        if let removed = step.removes, let oldest, oldest <= removed {
            wait =
                wait
                ?? ReplayWait(
                    removed: removed, since: now, receivedAt: receipts.receipt(of: step.end) ?? now)
            return true
        }
        guard wait != nil else { return false }
        wait = nil
        queue[head].done = now
        retime()
        return false
    }

    /// When the first record that is there and takes rows away has its turn.
    private var nextRemoval: LabInstant? {
        removals.first.map { queue[$0].done }
    }

    private mutating func enqueue(_ step: Step, done: LabInstant) {
        if step.removes != nil { removals.append(queue.count) }
        queue.append((step, done))
    }

    /// What has been fed since begins when what was there before is done.
    private mutating func readAhead(now: LabInstant) {
        while !endsInStop, let step = read() {
            let begins = max(now, queue.last?.done ?? now)
            enqueue(step, done: begins.advanced(by: duration(of: step)))
            if step.isCommit { pendingCommits += 1 }
        }
        caughtUpAt = queue.last?.done
    }

    private var endsInStop: Bool {
        switch queue.last?.step {
        case .stop?: true
        case .record?, nil: false
        }
    }

    private func duration(of step: Step) -> Duration {
        switch step {
        case .record(_, let start, let end): cost.duration(ofByteCount: end - start)
        case .stop: .zero
        }
    }

    private mutating func read() -> Step? {
        switch reader.next() {
        case .needsMoreBytes:
            return nil
        case .record(let record, let start, let end):
            return .record(record, start: start, end: end)
        case .endOfLog(let lsn, let reason):
            return .stop(Stop(at: lsn, reason: "\(reason)"))
        case .corrupt(let lsn, let stored, let computed):
            let stored = String(stored, radix: 16)
            let computed = String(computed, radix: 16)
            return .stop(Stop(at: lsn, reason: "checksum \(stored) stored, \(computed) computed"))
        }
    }

    private mutating func forgetQueue() {
        queue = []
        head = 0
        removals = []
        pendingCommits = 0
        caughtUpAt = nil
        wait = nil
    }
}

extension Replay.Step {
    /// The newest transaction whose deleted rows it announces to take away.
    fileprivate var removes: TransactionID? {
        switch self {
        case .record(let record, _, _): record.removalHorizon
        case .stop: nil
        }
    }

    fileprivate var end: LSN {
        switch self {
        case .record(_, _, let end): end
        case .stop(let stop): stop.at
        }
    }

    fileprivate var isCommit: Bool {
        switch self {
        case .record(let record, _, _): record.isCommit
        case .stop: false
        }
    }
}
