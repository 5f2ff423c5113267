import LabClock
import Network
import Storage

/// A node's disk, as slow as the lab wants it: what has to become durable takes so much lab time,
/// one job after the other. A job is performed when its time is over, so a power loss meanwhile
/// loses it.
///
/// - Jobs are performed in the order asked, but for reads of WAL: that was durable before.
/// - Without a cost, a job is handed on at once.
/// - A process that was stopped hears of a job when it runs again; its kernel performed it in time.
/// - Touched on the lab's loop only.
final class PacedDisk {
    private let disk: NodeDisk
    private let lab: LabLoop
    private let owner: String
    private let suspension: Suspension
    /// How long the disk takes to make something durable; what it is at keeps its time.
    var fsync: Duration
    private var waiting: [(job: DiskJob, done: (DiskResult) -> Void)] = []
    /// When the first of them is performed.
    private var timer: TimerQueue<() -> Void>.Token?

    init(
        _ disk: NodeDisk, lab: LabLoop, owner: String, suspension: Suspension, fsync: Duration
    ) {
        self.disk = disk
        self.lab = lab
        self.owner = owner
        self.suspension = suspension
        self.fsync = fsync
    }

    /// Asks for a job; `done` is called on the loop when it has been performed.
    func submit(_ job: DiskJob, done: @escaping (DiskResult) -> Void) {
        guard !waiting.isEmpty || isSlow(job), !job.readsWAL else {
            return perform(job, done)
        }
        waiting.append((job, done))
        if waiting.count == 1 { setTimer() }
    }

    /// Lets the directory go; what was not performed never will be.
    func close() {
        forget()
        disk.close()
    }

    /// A power loss: what was not yet performed never will be.
    func abandon() {
        forget()
        disk.abandon()
    }

    private func forget() {
        waiting = []
        if let timer { lab.stepper.cancel(timer) }
        timer = nil
    }

    private func isSlow(_ job: DiskJob) -> Bool { fsync > .zero && job.makesDurable }

    private func setTimer() {
        let due = lab.stepper.now.advanced(by: fsync)
        timer = lab.stepper.schedule(at: due, owner: owner) { [weak self] in self?.isDue() }
    }

    private func perform(_ job: DiskJob, _ done: @escaping (DiskResult) -> Void) {
        disk.submit(job) { [suspension] result in
            guard suspension.isOn else { return done(result) }
            suspension.afterwards { done(result) }
        }
    }

    /// The first is performed, and with it those behind it that cost nothing.
    private func isDue() {
        timer = nil
        var isFirst = true
        while let next = waiting.first, isFirst || !isSlow(next.job) {
            isFirst = false
            waiting.removeFirst()
            perform(next.job, next.done)
        }
        if !waiting.isEmpty { setTimer() }
    }
}

extension DiskJob {
    /// Whether its answer means that something is durable now.
    fileprivate var makesDurable: Bool {
        switch self {
        case .appendWAL, .syncWAL, .checkpoint, .writeControl, .beginTimeline, .abandonTimeline,
            .leaveRecovery, .writeHistory, .storeSlot, .removeSlot:
            true
        // A segment is made ahead of the log, where nobody waits for it.
        case .prepareWAL, .writeWAL, .readWAL, .readHistory, .removeWAL, .findOldestWAL, .read:
            false
        }
    }

    /// Whether it only looks at WAL that was durable before it was asked for.
    fileprivate var readsWAL: Bool {
        switch self {
        case .readWAL: true
        case .appendWAL, .syncWAL, .prepareWAL, .checkpoint, .writeControl, .beginTimeline,
            .abandonTimeline, .leaveRecovery, .writeHistory, .storeSlot, .removeSlot, .writeWAL,
            .readHistory, .removeWAL, .findOldestWAL, .read:
            false
        }
    }
}
