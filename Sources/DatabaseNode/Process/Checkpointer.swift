import LabClock
import Replication
import SQLServer
package import Storage
import WALFormat

/// Takes a node's checkpoints: carries out what `Checkpointing` asks for. PostgreSQL: the
/// checkpointer.
///
/// - Touched on the lab's loop only.
package final class Checkpointer {
    /// How a checkpoint that somebody asked for ended.
    package typealias Answer = (Result<CheckpointReport, DiskFailure>) -> Void

    private unowned let process: NodeProcess
    private var machine = Checkpointing<Int>()
    private var waiters: [Int: Answer] = [:]
    private var lastWaiter = 0
    /// What the disk said of the present one, if that was no.
    private var trouble: DiskFailure?

    init(process: NodeProcess) {
        self.process = process
    }

    /// A checkpoint, or a standby's restartpoint; `done` is called when it is on disk, or is not.
    package func request(_ done: @escaping Answer) {
        lastWaiter += 1
        waiters[lastWaiter] = done
        perform(machine.requested(by: lastWaiter, diskIsFull: process.log.isOutOfRoom))
    }

    /// So much was written since the last that one is due; says whether that sets anything off.
    func isDue() -> Bool {
        let actions = machine.isDue(diskIsFull: process.log.isOutOfRoom)
        perform(actions)
        return !actions.isEmpty
    }

    private func perform(_ actions: [Checkpointing<Int>.Action]) {
        for action in actions {
            switch action {
            case .write: write()
            case .removeOldWAL:
                process.removeOldWAL { [weak self] count in
                    guard let self else { return }
                    perform(machine.removed(count, diskIsFull: process.log.isOutOfRoom))
                }
            case .answer(let waiter, let outcome): answer(waiter, outcome)
            }
        }
    }

    private func write() {
        trouble = nil
        guard let plan = process.checkpointPlan() else {
            return perform(machine.notNeeded(diskIsFull: process.log.isOutOfRoom))
        }
        process.saveSlots()
        process.log.submitBehind(.checkpoint(plan)) { [weak self] result in
            guard let self else { return }
            if case .failed(let failure) = result {
                trouble = failure
                process.log.met(failure)
            } else {
                process.checkpointTaken(plan)
            }
            perform(
                machine.written(
                    DiskAnswer(result), pageCount: plan.pages.count,
                    diskIsFull: process.log.isOutOfRoom))
        }
    }

    private func answer(_ waiter: Int, _ outcome: Checkpointing<Int>.Outcome) {
        guard let done = waiters.removeValue(forKey: waiter) else { return }
        switch outcome {
        case .taken(let pageCount, let removed):
            done(.success(report(pageCount: pageCount, removed: removed)))
        case .notNeeded:
            done(.success(report(wasNeeded: false)))
        case .foundDiskFull(let removed):
            done(.success(report(foundDiskFull: true, removed: removed)))
        case .failed:
            done(.failure(trouble ?? .abandoned))
        }
    }

    private func report(
        pageCount: Int = 0, wasNeeded: Bool = true, foundDiskFull: Bool = false, removed: Int = 0
    ) -> CheckpointReport {
        CheckpointReport(
            node: process.name, redo: process.redo, pageCount: pageCount,
            isRestartpoint: process.isInRecovery, wasNeeded: wasNeeded,
            foundDiskFull: foundDiskFull, removedSegmentCount: removed)
    }
}

extension NodeProcess {
    /// What has to reach the disk for a checkpoint; nil: a standby has replayed none since its last
    /// restartpoint.
    func checkpointPlan() -> CheckpointPlan? {
        isInRecovery ? database.restartpoint() : database.checkpoint(at: LabTime.postgres(now))
    }

    /// Takes a checkpoint when enough WAL was written since the last; says whether it did.
    func checkpointIfDue() -> Bool {
        guard log.failure == nil, !isStopping,
            database.isCheckpointDue(after: settings[.maxWALSize] << 20)
        else { return false }
        return checkpointer.isDue()
    }
}
