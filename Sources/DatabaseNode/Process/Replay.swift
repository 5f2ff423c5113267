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
    /// Whole records that are not replayed, oldest first.
    private var queue: [(step: Step, done: LabInstant)] = []
    private var head = 0

    /// A replay that goes on where the table is.
    init(on database: Database) {
        reader = WALReader(
            at: database.insertLSN, previous: database.lastRecordStart,
            segmentSize: database.segmentSize, systemIdentifier: database.systemIdentifier)
    }

    /// More of the log is durable.
    mutating func feed(_ bytes: [UInt8]) {
        reader.feed(bytes)
    }

    /// From now on replay takes so long; the record that it is at keeps its time.
    mutating func take(_ cost: ReplayCost, now: LabInstant) {
        self.cost = cost
        guard head < queue.count else { return }
        for place in (head + 1)..<queue.count {
            let duration = duration(of: queue[place].step)
            queue[place].done = queue[place - 1].done.advanced(by: duration)
        }
        caughtUpAt = queue.last?.done
    }

    /// Replays every whole record that is there and whose time is over. Says, once, that it has to
    /// stop.
    mutating func run(on database: inout Database, now: LabInstant) -> Stop? {
        while !hasStopped, let step = next(by: now) {
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
    /// The next step, if its time is over.
    private mutating func next(by now: LabInstant) -> Step? {
        if cost == .none, queue.isEmpty { return read() }
        readAhead(now: now)
        guard head < queue.count, queue[head].done <= now else { return nil }
        defer {
            head += 1
            if head == queue.count { forgetQueue() }
        }
        if queue[head].step.isCommit { pendingCommits -= 1 }
        return queue[head].step
    }

    /// What has been fed since begins when what was there before is done.
    private mutating func readAhead(now: LabInstant) {
        while !endsInStop, let step = read() {
            let begins = max(now, queue.last?.done ?? now)
            queue.append((step, begins.advanced(by: duration(of: step))))
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
        pendingCommits = 0
        caughtUpAt = nil
    }
}

extension Replay.Step {
    fileprivate var isCommit: Bool {
        switch self {
        case .record(let record, _, _): record.isCommit
        case .stop: false
        }
    }
}
