import LabClock
import Network
import Replication
import Storage
import WALFormat
import WireProtocol

/// How a running node ends, and how a standby becomes a primary.
extension NodeProcess {
    /// Becomes a standby of whoever answers at `port`, and connects.
    func follow(port: @escaping () -> Int?, slot: String?) {
        let standby = Standby(process: self, port: port, slot: slot)
        role = .standby(standby)
        standby.connect()
    }

    // MARK: Power loss

    /// Power loss: sockets reset, memory gone, disk as it is.
    func kill() {
        lab.stepper.removeLull("node \(name)")
        standby?.kill()
        for backend in backends.values { backend.kill() }
        backends = [:]
        disk.abandon()
    }

    // MARK: Clean stop

    /// First step: clients are sent away, a primary writes its shutdown checkpoint, and the senders
    /// drain. PostgreSQL: a fast shutdown.
    func beginStop() {
        guard !isStopping else { return }
        isStopping = true
        standby?.stop()
        for id in backends.keys.sorted() {
            guard let backend = backends[id], backend.sender == nil else { continue }
            backend.sendAway()
        }
        saveSlots()
        let plan = database.shutdown(at: LabTime.postgres(now))
        submitBehindWAL(.checkpoint(plan)) { [weak self] result in
            self?.checkpointed(result, redo: plan.control.redo)
        }
    }

    /// WAL is not let go of here, as PostgreSQL does: replicas without a slot are still to be sent
    /// what they lack.
    private func checkpointed(_ result: DiskResult, redo: LSN) {
        if case .failed(let failure) = result {
            fail(failure)
        } else {
            self.redo = redo
        }
        hasCheckpointed = true
        for backend in senders { backend.serverStops() }
    }

    /// Whether everything that was sent has been confirmed by those who still listen.
    var isDrained: Bool { hasCheckpointed && backends.values.allSatisfy { $0.isDrained } }

    /// Last step: whoever has not confirmed is cut off, and the directory is let go.
    func finishStop() {
        lab.stepper.removeLull("node \(name)")
        for id in backends.keys.sorted() { backends[id]?.close() }
        backends = [:]
        disk.close()
    }

    // MARK: Promotion

    /// Leaves the old timeline at the end of what was replayed and begins a new one; `done` is
    /// called when that is durable. PostgreSQL: `StartupXLOG` after the promote trigger.
    ///
    /// - Parameter newest: the newest timeline the archive knows of. The lab has no archive of WAL;
    ///   its cluster knows the timelines.
    func promote(after newest: Timeline, reason: String, done: @escaping () -> Void) {
        findNewTimeline(after: max(newest, database.timeline)) { [weak self] timeline in
            guard let self else { return }
            let old = database.timeline
            let fork = database.promote(to: timeline, at: LabTime.postgres(now))
            history = history.appending(timeline: old, switchpoint: fork, reason: reason)
            role = .primary
            restartLog(at: fork)
            disk.submit(.switchTimeline(to: timeline, history)) { [weak self] result in
                if case .failed(let failure) = result { self?.fail(failure) }
            }
            let control = database.controlData(.inProduction)
            submitBehindWAL(.finishPromotion(control)) { [weak self] result in
                guard let self else { return }
                if case .failed(let failure) = result { fail(failure) }
                announcePromotion()
                checkpoint(done: done)
            }
        }
    }

    /// The first timeline after `timeline` that no history on this disk knows of. PostgreSQL:
    /// `findNewestTimeLine`.
    private func findNewTimeline(after timeline: Timeline, found: @escaping (Timeline) -> Void) {
        let candidate = timeline.next
        disk.submit(.readHistory(candidate)) { [weak self] result in
            if case .history = result {
                self?.findNewTimeline(after: candidate, found: found)
            } else {
                found(candidate)
            }
        }
    }

    private func announcePromotion() {
        for id in backends.keys.sorted() {
            backends[id]?.announcePromotion()
        }
    }

    /// An online checkpoint; `done` is called when the control data point at it.
    func checkpoint(done: @escaping () -> Void) {
        takeCheckpoint { _ in done() }
    }
}
