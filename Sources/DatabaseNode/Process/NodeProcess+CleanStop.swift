import LabClock
import Network
import Replication
import Storage
import WALFormat

/// How a running node ends: carries out what `CleanStop` asks for.
extension NodeProcess {
    /// Begins a clean stop. PostgreSQL: a fast shutdown.
    package func beginStop() {
        guard !isStopping else { return }
        let stop = CleanStop()
        life = .stopping(stop)
        for action in stop.begin() { perform(action) }
    }

    /// Whether it takes nobody in and changes nothing any more.
    package var isStopping: Bool {
        switch life {
        case .stopping: true
        case .running, .promoting: false
        }
    }

    /// Whether everything that was sent has been confirmed by those who still listen.
    package var isDrained: Bool {
        switch life {
        case .stopping(let stop): stop.phase == .drained
        case .running, .promoting: false
        }
    }

    /// The replicas that have confirmed all that was sent.
    package var confirmedReplicas: Set<String> {
        switch life {
        case .stopping(let stop): stop.confirmed
        case .running, .promoting: []
        }
    }

    /// A connection's sender has heard that all has arrived, from that replica, or is gone.
    func senderFinished(_ id: Int, confirmedBy replica: String?) {
        guard case .stopping(var stop) = life else { return }
        stop.senderFinished(id, confirmedBy: replica)
        life = .stopping(stop)
    }

    private func perform(_ action: CleanStop.Action) {
        switch action {
        case .stopReceiving: standby?.stop()
        case .terminateClients:
            for id in backends.keys.sorted() {
                guard let backend = backends[id], backend.sender == nil else { continue }
                backend.terminateConnection()
            }
        case .saveSlots: saveSlots()
        case .writeCheckpoint: writeShutdownCheckpoint()
        case .finishSenders: for backend in senders { backend.serverStops() }
        }
    }

    /// WAL is not removed here, as PostgreSQL does: replicas without a slot are still to be sent
    /// what they lack.
    private func writeShutdownCheckpoint() {
        let plan = database.shutdown(at: LabTime.postgres(now))
        log.submitBehind(.checkpoint(plan)) { [weak self] result in
            guard let self, case .stopping(var stop) = life else { return }
            switch result {
            case .failed(let failure): log.fail(failure)
            case .done, .walWritten, .walFlushed, .wal, .history, .segmentsRemoved, .oldestWAL,
                .read:
                checkpointTaken(plan)
            }
            let actions = stop.checkpointed(
                senders: Set(senders.filter { !$0.isDrained }.map(\.id)))
            life = .stopping(stop)
            for action in actions { perform(action) }
        }
    }

    /// Last step: whoever has not confirmed is cut off, and the directory is let go.
    package func finishStop() {
        lab.stepper.removeLull("node \(name)")
        for id in backends.keys.sorted() { backends[id]?.close() }
        backends = [:]
        disk.close()
    }

    /// Power loss: sockets reset, memory gone, disk as it is.
    package func kill() {
        lab.stepper.removeLull("node \(name)")
        standby?.kill()
        for backend in backends.values { backend.kill() }
        backends = [:]
        disk.abandon()
    }
}
