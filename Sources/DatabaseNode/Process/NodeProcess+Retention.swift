package import Replication
import SQLServer
import Storage
import WALFormat

/// Which WAL the node keeps, and for whom; what goes at a checkpoint.
extension NodeProcess {
    /// The question which WAL to keep, asked of this moment.
    package var retention: Retention {
        var kept = Retention.Settings(segmentSize: database.segmentSize)
        kept.keepByteCount = settings[.walKeepSize] << 20
        let limit = settings[.maxSlotWALKeepSize]
        kept.slotKeepByteCount = limit < 0 ? nil : limit << 20
        kept.maximumByteCount = settings[.maxWALSize] << 20
        kept.minimumByteCount = settings[.minWALSize] << 20
        kept.diskByteCount = faults.room.map { $0 + segmentByteCount }
        return Retention(
            settings: kept,
            log: Retention.Log(end: flushLSN, redo: redo, oldestSegment: oldestSegment),
            slots: slots)
    }

    /// What the segment files take up.
    private var segmentByteCount: Int {
        let size = database.segmentSize
        let newest = max(size.number(containing: flushLSN), log.newestSegment)
        return Int(newest - oldestSegment + 1) * size.byteCount
    }

    /// A checkpoint is complete: gives up the slots that are too far behind, and recycles or
    /// removes the WAL that nobody needs any more. `done` is called when that is on disk, with the
    /// number of segments that are gone. PostgreSQL: the end of `CreateCheckPoint`, and of
    /// `CreateRestartPoint`.
    func removeOldWAL(done: @escaping (Int) -> Void) {
        guard log.failure == nil else { return done(0) }
        let decision = retention.decision
        for owner in decision.terminated { backends[Int(owner)]?.terminate() }
        for name in decision.invalidated {
            guard let restart = slots[name]?.restartLSN else { continue }
            report(restart, .slotLost(name: name, at: restart))
        }
        carryOut(slots.invalidate(decision.invalidated))
        let job = DiskJob.removeWAL(
            before: decision.oldestLSN, recyclingUpTo: retention.recycleLimit(checkpointDistance))
        disk.submit(job) { [weak self] result in
            guard let self else { return }
            switch result {
            case .segmentsRemoved(let names, let recycled): removed(names, recycledAs: recycled)
            case .failed(let failure): log.fail(failure)
            case .done, .walWritten, .walFlushed, .wal, .history, .oldestWAL, .read:
                preconditionFailure("removeWAL answered \(result)")
            }
            if case .segmentsRemoved(let names, _) = result { done(names.count) } else { done(0) }
        }
    }

    private func removed(_ names: [String], recycledAs recycled: [String]) {
        let size = database.segmentSize
        if let last = recycled.last, let name = SegmentName(fileName: last, size: size) {
            log.recycled(upTo: name.number)
        }
        guard let last = names.last, let name = SegmentName(fileName: last, size: size) else {
            return
        }
        oldestSegment = name.number + 1
        let start = size.start(of: oldestSegment)
        let recycledCount = min(recycled.count, names.count)
        report(
            start,
            .walRemoved(segmentCount: names.count, recycled: recycledCount, before: start))
        // It may be what a full disk was waiting for.
        log.tryForRoom()
    }
}
