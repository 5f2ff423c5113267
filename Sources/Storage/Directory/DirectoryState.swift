internal import TableFormat
internal import WALFormat

/// What an open data directory remembers between jobs, and how each job is done.
struct DirectoryState: Sendable {
    let fileSystem: any FileSystem
    /// Who hears what the log says before it is removed.
    let removedCommits: RemovedCommits?
    var wal: WALWriter
    var control: ControlData
    var isStandby: Bool
    var refusal: IOFailure?
    /// The write of WAL that failed and has not been repeated since.
    private var unwritten: IOFailure?
    /// What checkpoints that failed left unwritten.
    private var owed = OwedPages()

    init(
        fileSystem: any FileSystem, removedCommits: RemovedCommits?, wal: WALWriter,
        control: ControlData, isStandby: Bool
    ) {
        self.fileSystem = fileSystem
        self.removedCommits = removedCommits
        self.wal = wal
        self.control = control
        self.isStandby = isStandby
    }

    mutating func perform(_ job: DiskJob) -> DiskResult {
        if let refusal, job.writes { return .failed(.refused(after: refusal)) }
        do throws(DiskFailure) {
            return try carryOut(job)
        } catch {
            return .failed(note(error, of: job))
        }
    }

    /// Draws the consequences of a failure, and says it as the caller is to hear it.
    private mutating func note(_ error: DiskFailure, of job: DiskJob) -> DiskFailure {
        switch error {
        case .io(let failure) where failure.isFailedSync: refusal = failure
        case .io(let failure) where job.writesWAL: unwritten = failure
        case .gap: if let unwritten { return .refused(after: unwritten) }
        case .io, .refused, .segmentRemoved, .shortSegment, .unknownTimeline, .badHistory,
            .badRange, .abandoned:
            break
        }
        return error
    }

    private mutating func carryOut(_ job: DiskJob) throws(DiskFailure) -> DiskResult {
        switch job {
        case .appendWAL(let timeline, let position, let bytes):
            try wal.write(timeline, at: position, bytes)
            unwritten = nil
            try wal.sync()
            return .walFlushed(upTo: wal.writtenUpTo)
        case .writeWAL(let timeline, let position, let bytes):
            try wal.write(timeline, at: position, bytes)
            unwritten = nil
            return .walWritten(upTo: wal.writtenUpTo)
        case .syncWAL:
            try wal.sync()
            return .walFlushed(upTo: wal.writtenUpTo)
        case .prepareWAL(let timeline, let position):
            try wal.prepare(timeline, at: position)
        case .readWAL(let timeline, let from, let upTo):
            return .wal(at: from, bytes: try wal.directory.read(timeline, from: from, upTo: upTo))
        case .checkpoint(let plan):
            owed.add(plan)
            try write(plan.control)
        case .writeControl(let control):
            try write(control)
        case .beginTimeline(let timeline, let history):
            try begin(timeline, history)
        case .abandonTimeline(let timeline):
            try PromotionTrace(fileSystem, control.segmentSize).undo(timeline)
        case .leaveRecovery:
            try leaveRecovery()
        case .writeHistory(let timeline, let history):
            try write(history, of: timeline)
        case .readHistory(let timeline):
            return .history(try wal.directory.history(of: timeline))
        case .removeWAL(let position, let limit):
            return try removeSegments(before: position, recyclingUpTo: limit)
        case .findOldestWAL:
            return try findOldestWAL()
        case .storeSlot(let name, let state):
            try asking { () throws(IOFailure) in
                try SlotDirectory(fileSystem).store(name, state)
            }
        case .removeSlot(let name):
            try asking { () throws(IOFailure) in try SlotDirectory(fileSystem).remove(name) }
        case .read(let read):
            return .read(try fileSystem.perform(read))
        }
        return .done
    }

    private mutating func begin(
        _ timeline: Timeline, _ history: TimelineHistory
    ) throws(DiskFailure) {
        guard let last = history.entries.last else { throw .unknownTimeline(timeline) }
        let number = control.segmentSize.number(containing: last.switchpoint)
        try PromotionTrace(fileSystem, control.segmentSize).begin(timeline)
        try write(history, of: timeline)
        guard control.segmentSize.offset(of: last.switchpoint) > 0 else { return }
        try wal.createFork(SegmentName(timeline: timeline, number: number))
    }

    /// A crash right after the signal has gone is recovered as the new primary, for control data
    /// that still say "in archive recovery" make recovery follow the new timeline.
    private mutating func leaveRecovery() throws(DiskFailure) {
        try asking { () throws(IOFailure) in
            guard try fileSystem.exists(DirectoryLayout.standbySignal) else { return }
            try fileSystem.remove(DirectoryLayout.standbySignal)
            try fileSystem.syncDirectory("")
        }
        isStandby = false
        try wal.close()
        try PromotionTrace(fileSystem, control.segmentSize).tidy()
    }

    private func write(
        _ history: TimelineHistory, of timeline: Timeline
    ) throws(DiskFailure) {
        let path = WALDirectory.path + "/" + TimelineHistory.fileName(timeline)
        try asking { () throws(IOFailure) in
            try fileSystem.replace(path, with: HistoryFile.bytes(history, of: timeline))
        }
    }

    /// Control data may name a checkpoint only when all of its pages are on the disk.
    private mutating func write(_ control: ControlData) throws(DiskFailure) {
        try settle()
        try asking { () throws(IOFailure) in
            try fileSystem.replace(DirectoryLayout.control, with: control.encoded())
        }
        if self.control.state.isStandby, !control.state.isStandby {
            try PromotionTrace(fileSystem, control.segmentSize).remove()
        }
        self.control = control
    }

    /// Writes the pages that are owed; before the log that describes them, none of them.
    private mutating func settle() throws(DiskFailure) {
        guard !owed.isEmpty else { return }
        guard owed.logEnd <= wal.syncedUpTo else {
            let name = SegmentName(
                timeline: control.timeline,
                number: control.segmentSize.number(containing: wal.syncedUpTo))
            throw .gap(at: owed.logEnd, fileName: name.fileName(control.segmentSize))
        }
        try writePages(owed.table)
        try writeCommitLog(owed.commitLog)
        owed = OwedPages()
    }

    private func writePages(_ pages: [PageWrite]) throws(DiskFailure) {
        guard !pages.isEmpty else { return }
        try asking { () throws(IOFailure) in
            let file = try fileSystem.open(DirectoryLayout.relation, .readWrite)
            for page in pages {
                try file.write(page.sealed[...], at: Int(page.block) * page.bytes.count)
            }
            try file.syncData()
        }
    }

    private func writeCommitLog(_ pages: [PageWrite]) throws(DiskFailure) {
        for page in pages {
            let (name, offset) = CommitLog.file(ofPage: page.block)
            let path = DirectoryLayout.commitLog + "/" + name
            try asking { () throws(IOFailure) in
                let isNew = try !fileSystem.exists(path)
                let file = try fileSystem.open(path, isNew ? .create : .readWrite)
                try file.write(page.bytes[...], at: offset)
                try file.syncData()
                if isNew { try fileSystem.syncDirectory(DirectoryLayout.commitLog) }
            }
        }
    }
}

extension DiskJob {
    /// Whether the job changes the disk.
    var writes: Bool {
        switch self {
        case .appendWAL, .writeWAL, .syncWAL, .prepareWAL, .checkpoint, .writeControl,
            .beginTimeline, .abandonTimeline, .leaveRecovery, .writeHistory, .removeWAL, .storeSlot,
            .removeSlot:
            true
        case .readWAL, .readHistory, .findOldestWAL, .read: false
        }
    }

    /// Whether the job puts bytes at the log's end.
    var writesWAL: Bool {
        switch self {
        case .appendWAL, .writeWAL: true
        case .syncWAL, .prepareWAL, .readWAL, .checkpoint, .writeControl, .beginTimeline,
            .abandonTimeline, .leaveRecovery, .writeHistory, .readHistory, .removeWAL,
            .findOldestWAL, .storeSlot,
            .removeSlot, .read:
            false
        }
    }
}
