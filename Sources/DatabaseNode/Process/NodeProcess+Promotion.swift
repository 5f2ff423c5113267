import LabClock
package import Replication
import Storage
package import WALFormat

/// How a standby becomes a primary: carries out what `Promotion` asks for.
extension NodeProcess {
    /// How a promotion ends.
    package typealias PromotionEnd = Result<Promotion.NewTimeline, Promotion.Failure>

    /// Leaves the old timeline at the end of what was replayed and begins a new one; `ended` is
    /// called once, when that is durable or has failed.
    ///
    /// - Parameter newest: the newest timeline that any node has begun, or tried to.
    package func promote(after newest: Timeline, ended: @escaping (PromotionEnd) -> Void) {
        if let failure = log.failure {
            return ended(.failure(.diskHasFailed(failure.description, on: logTimeline)))
        }
        let promotion = Promotion(after: newest)
        life = .promoting(promotion, ended: ended)
        advance { $0.begin() }
    }

    /// The disk has failed under a promotion that waits for nothing of its own from it.
    func promotionMeets(_ failure: DiskFailure) {
        let timeline = logTimeline
        advance { $0.replayFailed(failure.description, on: timeline) }
    }

    /// Nobody waits any longer for its replay: it goes on as the standby that it was, unless it is
    /// further than that.
    package func giveUpPromotion() {
        let timeline = logTimeline
        advance { $0.replayTakesTooLong(on: timeline) }
    }

    private func advance(_ event: (inout Promotion) -> [Promotion.Action]) {
        guard case .promoting(var promotion, let ended) = life else { return }
        let actions = event(&promotion)
        life = .promoting(promotion, ended: ended)
        for action in actions { perform(action) }
        guard case .promoting(let now, _) = life else { return }
        switch now.phase {
        case .promoted(let new):
            life = .running
            ended(.success(new))
        case .failed(let failure):
            life = .running
            ended(.failure(failure))
        case .replaying, .choosing, .beginning, .abandoning, .leavingRecovery,
            .writingEndOfRecovery, .checkpointing:
            break
        }
    }

    private func perform(_ action: Promotion.Action) {
        switch action {
        case .stopReceiving:
            standby?.stop { [weak self] in self?.receivedIsReplayed() }
        case .lookForHistory(let timeline): lookForHistory(timeline)
        case .beginTimeline(let new):
            ask(.beginTimeline(new.timeline, new.history)) { $0.timelineBegun($1) }
        case .abandonTimeline(let new):
            ask(.abandonTimeline(new.timeline)) { $0.timelineAbandoned($1) }
        case .leaveRecovery: ask(.leaveRecovery) { $0.recoveryLeft($1) }
        case .writeEndOfRecovery(let new): writeEndOfRecovery(new)
        case .announce:
            for id in backends.keys.sorted() {
                backends[id]?.announcePromotion()
            }
        case .takeCheckpoint:
            checkpointer.request { [weak self] result in
                self?.advance { $0.checkpointTaken(DiskAnswer(result)) }
            }
        case .resumeReceiving: standby?.resume()
        }
    }

    private func receivedIsReplayed() {
        let parent = Promotion.Parent(
            timeline: logTimeline, history: history, end: database.insertLSN)
        advance { $0.replayed(parent) }
    }

    private func lookForHistory(_ timeline: Timeline) {
        disk.submit(.readHistory(timeline)) { [weak self] result in
            self?.advance { $0.historyLooked(HistoryAnswer(result)) }
        }
    }

    private func ask(
        _ job: DiskJob, then answer: @escaping (inout Promotion, DiskAnswer) -> [Promotion.Action]
    ) {
        disk.submit(job) { [weak self] result in
            if case .failed(let failure) = result, !failure.isLackOfRoom { self?.log.fail(failure) }
            self?.advance { answer(&$0, DiskAnswer(result)) }
        }
    }

    private func writeEndOfRecovery(_ new: Promotion.NewTimeline) {
        let fork = database.promote(to: new.timeline, at: LabTime.postgres(now))
        history = new.history
        role = .primary
        log.beginTimeline(at: fork)
        log.flush { [weak self] answer in self?.advance { $0.endOfRecoveryWritten(answer) } }
    }
}

extension DiskAnswer {
    /// What a disk job whose success says nothing more has come to.
    init(_ result: DiskResult) {
        switch result {
        case .failed(let failure): self.init(failure)
        case .done, .walWritten, .walFlushed, .wal, .history, .segmentsRemoved, .oldestWAL, .read:
            self = .done
        }
    }

    init(_ failure: DiskFailure) {
        self =
            failure.isLackOfRoom ? .full(failure.description) : .failed(failure.description)
    }

    init(_ result: Result<CheckpointReport, DiskFailure>) {
        switch result {
        case .success: self = .done
        case .failure(let failure): self.init(failure)
        }
    }
}

extension HistoryAnswer {
    /// A file that is there and cannot be read is there.
    init(_ result: DiskResult) {
        switch result {
        case .history, .failed(.badHistory): self = .present
        case .failed(.unknownTimeline): self = .absent
        case .failed(let failure): self = .unknown(failure.description)
        case .done, .walWritten, .walFlushed, .wal, .segmentsRemoved, .oldestWAL, .read:
            self = .unknown("the disk answered something else")
        }
    }
}
