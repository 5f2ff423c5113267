import LabClock
import Replication
import Storage
package import WALFormat
import WireProtocol

// What a running node shows of itself.
extension NodeProcess {
    /// The own log, as far as it is durable.
    package var logExtent: LogExtent {
        LogExtent(Lineage(of: logTimeline, history), end: flushLSN)
    }

    /// The same, as far as its readers see it.
    package var shownLog: LogExtent {
        LogExtent(Lineage(of: logTimeline, history), end: visibleLSN)
    }

    /// Commits in it: those that its table shows, and on a standby those that are not replayed yet.
    package var durableCommitCount: Int {
        database.commitCount + (standby?.replay.pendingCommits ?? 0)
    }

    /// Commits in what it has of the log: durable, or received and on their way to its disk. A
    /// promotion waits for these.
    package var receivedCommitCount: Int {
        durableCommitCount + (standby?.unreadCommitCount ?? 0)
    }

    /// Whether it serves all that it is asked for.
    package var state: NodeState {
        switch log.health {
        case .works: .up
        case .full: .full
        case .failed(let reason): .failed(reason: reason)
        }
    }

    /// What outside programs did since the last call.
    package func takeOutsideTally() -> OutsideTally {
        defer { outside = OutsideTally() }
        return outside
    }

    /// Bytes its disk has left; nil: there is no limit.
    package var room: Int? { faults.room }

    package var positions: NodePositions {
        let receiver = standby?.receiver
        return NodePositions(
            timeline: database.timeline, insert: standby?.receivedLSN ?? database.insertLSN,
            write: receiver?.writeLSN ?? flushLSN, flush: flushLSN, replay: database.insertLSN,
            commits: database.commitCount,
            lastCommit: database.lastCommitTime.map(LabTime.instant))
    }

    /// How far each replica has been sent to, by its name.
    package var sentPositions: [String: LSN] {
        senders.reduce(into: [:]) { positions, backend in
            guard let sent = backend.sender?.sentLSN else { return }
            positions[backend.applicationName] = max(
                positions[backend.applicationName] ?? sent, sent)
        }
    }

    package var senderViews: [SenderView] {
        senders.compactMap { backend in
            backend.sender.map { sender in
                // A PostgreSQL that receives a segment once more counts its writes anew.
                SenderView(
                    name: backend.applicationName, sent: sender.sentLSN,
                    write: sender.reported.map { max($0.write, $0.flush) },
                    flush: sender.reported?.flush, replay: sender.reported?.apply,
                    lags: PerStep { backend.progress.lag($0) })
            }
        }
        .sorted { $0.name < $1.name }
    }
}

extension Standby {
    package var reception: Reception {
        if let refusal = receiver.refusal { return .stopped(refusal) }
        if let retryAt = receiver.retryAt { return .waiting(until: LabTime.instant(retryAt)) }
        return receiver.isStreaming ? .streaming : .connecting
    }
}

extension NodeProcess {
    /// The WAL it keeps, and for whom.
    package func retentionReport(
        unprotected: [RetentionReport.Unprotected]
    ) -> RetentionReport {
        let retention = retention
        let forecast = retention.forecast
        return RetentionReport(
            node: name, slots: forecast.slots.map(slotView),
            oldest: database.segmentSize.start(of: oldestSegment), kept: forecast.oldest,
            holder: forecast.holder, pinnedByteCount: forecast.pinnedByteCount,
            diskByteCountLeft: log.isOutOfRoom ? 0 : forecast.diskByteCountLeft,
            slotLimitByteCount: retention.settings.slotKeepByteCount, unprotected: unprotected)
    }

    private func slotView(_ forecast: Retention.SlotForecast) -> SlotView {
        let slot = forecast.slot
        return SlotView(
            name: slot.name, isTemporary: slot.isTemporary,
            usedBy: slot.owner.map { backends[Int($0)]?.applicationName ?? "" },
            restart: slot.restartLSN, lostAt: slot.isInvalidated ? slot.invalidatedAt : nil,
            status: forecast.status, heldByteCount: forecast.heldByteCount,
            safeByteCount: forecast.safeByteCount)
    }
}

extension NodeProcess {
    /// Nobody asks any more when commits up to `lsn` were made.
    package func forgetCommitTimes(upTo lsn: LSN) { database.forgetCommitTimes(upTo: lsn) }
}

// What a standby has received.
extension Standby {
    /// The end of what it has received, durable or not.
    var receivedLSN: LSN { received.undurable.last?.end ?? receiver.flushLSN }
    /// Commits in what replay has not looked at yet, durable or not.
    var unreadCommitCount: Int {
        replay.commitCount(in: received.undurable.lazy.map(\.bytes))
    }
}
