import Storage
import WALFormat

/// WAL on its way from a receiver to the node's own disk.
///
/// What arrives is gathered, and written and made durable in one go when nothing more is arriving
/// (`sync`), so that the disk's thread wakes up once; of a long stream, what fills `writeByteCount`
/// is written meanwhile. PostgreSQL: `XLogWalRcvWrite`, `XLogWalRcvFlush`.
///
/// - Pieces become durable in the order in which they came.
/// - Touched on the lab's loop only.
final class ReceivedWAL {
    /// What its owner hears of the disk.
    enum News {
        /// WAL up to here was handed to the kernel.
        case written(upTo: LSN)
        /// WAL up to here is durable, by these pieces of it.
        case flushed(upTo: LSN, [Stretch])
        /// The disk is full: what arrived from here on is given up.
        case diskFull(from: LSN)
        case failed(DiskFailure)
    }

    /// Consecutive WAL of one timeline.
    struct Stretch {
        let timeline: Timeline
        let at: LSN
        var bytes: [UInt8]

        var end: LSN { at.advanced(by: bytes.count) }
    }

    /// So much is written without waiting for a stillness.
    private static let writeByteCount = 1 << 17

    private let disk: PacedDisk
    private let heard: (News) -> Void
    /// Not yet handed to the disk.
    private var arriving: Stretch?
    /// Handed to the disk and not yet durable, oldest first.
    private var unflushed: [Stretch] = []
    private var unansweredWrites = 0
    /// A write found the disk full; those asked for behind it cannot have worked.
    private var hasGivenUpWrites = false
    private var isSyncing = false

    init(disk: PacedDisk, heard: @escaping (News) -> Void) {
        self.disk = disk
        self.heard = heard
    }

    /// Whether all that arrived is durable.
    var isDurable: Bool {
        arriving == nil && unflushed.isEmpty && unansweredWrites == 0 && !isSyncing
    }

    /// What arrived and is not durable yet, oldest first. What was given up is not in it.
    var undurable: [Stretch] { unflushed + (arriving.map { [$0] } ?? []) }

    /// More has arrived: it goes on where the last piece ended, or begins another timeline there.
    func take(_ timeline: Timeline, at lsn: LSN, _ bytes: [UInt8]) {
        let goesOn = arriving.map { $0.timeline == timeline && $0.end == lsn } ?? false
        if goesOn {
            arriving?.bytes += bytes
        } else {
            write()
            arriving = Stretch(timeline: timeline, at: lsn, bytes: bytes)
        }
        if let count = arriving?.bytes.count, count >= Self.writeByteCount { write() }
    }

    /// Makes durable what arrived; says whether that sets anything off.
    ///
    /// - Parameter isWriteApart: what arrived is only written; it becomes durable the next time.
    @discardableResult
    func sync(isWriteApart: Bool = false) -> Bool {
        guard !isSyncing, arriving != nil || !unflushed.isEmpty else { return false }
        let hasWritten = arriving != nil
        write()
        guard !(isWriteApart && hasWritten) else { return true }
        isSyncing = true
        disk.submit(.syncWAL) { [weak self] result in
            guard let self else { return }
            isSyncing = false
            switch result {
            case .walFlushed(let lsn): flushed(upTo: lsn)
            case .failed(let failure): heard(.failed(failure))
            case .done, .walWritten, .wal, .history, .segmentsRemoved, .oldestWAL, .read:
                preconditionFailure("syncWAL answered \(result)")
            }
        }
        return true
    }

    /// Hands what arrived to the disk.
    private func write() {
        guard let last = arriving else { return }
        arriving = nil
        unflushed.append(last)
        unansweredWrites += 1
        let job = DiskJob.writeWAL(last.timeline, at: last.at, bytes: last.bytes)
        disk.submit(job) { [weak self] result in self?.written(result, from: last.at) }
    }

    private func written(_ result: DiskResult, from start: LSN) {
        unansweredWrites -= 1
        guard !hasGivenUpWrites else {
            hasGivenUpWrites = unansweredWrites > 0
            return
        }
        switch result {
        case .walWritten(let lsn): heard(.written(upTo: lsn))
        case .failed(.io(let failure)) where failure.kind == .noSpace: giveUp(from: start)
        case .failed(let failure): heard(.failed(failure))
        case .done, .walFlushed, .wal, .history, .segmentsRemoved, .oldestWAL, .read:
            preconditionFailure("writeWAL answered \(result)")
        }
    }

    private func flushed(upTo lsn: LSN) {
        let durable = unflushed.prefix { $0.end <= lsn }
        unflushed.removeFirst(durable.count)
        heard(.flushed(upTo: lsn, Array(durable)))
    }

    /// What does not fit is given up; the receiver asks for it again.
    private func giveUp(from lsn: LSN) {
        arriving = nil
        unflushed.removeAll { $0.at >= lsn }
        hasGivenUpWrites = unansweredWrites > 0
        heard(.diskFull(from: lsn))
    }
}
