internal import WALFormat

/// What a promotion leaves on the disk while it is under way: the file `promote`, with the number
/// of the timeline that it begins. PostgreSQL: the trigger file of `pg_ctl promote`.
///
/// It tells what to make of a directory that a power loss left in the middle:
///
/// - `standby.signal` is still there: the node is a standby as before, and the new timeline's
///   files, which no log goes through, are taken back. Left where they are they would be followed:
///   a standby takes the newest timeline that it has the history of.
/// - `standby.signal` is gone: the node is a primary on the new timeline, whose files were durable
///   before; what was left to do is done.
///
/// It stays until the control data are a primary's: a standby's without `standby.signal` and
/// without this trace are those of a directory that has lost a file.
struct PromotionTrace {
    /// The trigger file.
    static let path = "promote"
    /// There while the node is a standby.
    static let standbySignal = "standby.signal"

    private let fileSystem: any FileSystem
    private let directory: WALDirectory

    init(_ fileSystem: any FileSystem, _ segmentSize: SegmentSize) {
        self.fileSystem = fileSystem
        directory = WALDirectory(fileSystem: fileSystem, segmentSize: segmentSize)
    }

    /// The timeline that a promotion has begun and not come to: its files are no part of the log.
    func abandonedTimeline() throws(DiskFailure) -> Timeline? {
        guard let timeline = try timelineBegun() else { return nil }
        let isStandby = try asking { () throws(IOFailure) in
            try fileSystem.exists(Self.standbySignal)
        }
        return isStandby ? timeline : nil
    }

    /// A promotion begins this timeline: from now on a power loss leaves something to tidy up.
    func begin(_ timeline: Timeline) throws(DiskFailure) {
        try asking { () throws(IOFailure) in
            try fileSystem.replace(
                Self.path, with: Array("\(timeline.rawValue)\n".utf8))
        }
    }

    /// Tidies up behind a promotion that a power loss has interrupted.
    func resolve() throws(DiskFailure) {
        guard try timelineBegun() != nil else { return }
        if let timeline = try abandonedTimeline() {
            try undo(timeline)
        } else {
            try tidy()
        }
    }

    /// Removes the new timeline's files, its history last but one: as long as that is there, so is
    /// the trace.
    func undo(_ timeline: Timeline) throws(DiskFailure) {
        let segments = try directory.segments().filter { $0.timeline == timeline }
        let history = WALDirectory.path + "/" + TimelineHistory.fileName(timeline)
        try asking { () throws(IOFailure) in
            for name in segments { try fileSystem.remove(directory.path(of: name)) }
            if try fileSystem.exists(history) { try fileSystem.remove(history) }
            try fileSystem.syncDirectory(WALDirectory.path)
        }
        try remove()
    }

    /// The old timeline's last segment loses the name under which the log would be looked for.
    /// PostgreSQL: the end of `CleanupAfterArchiveRecovery`.
    func tidy() throws(DiskFailure) {
        guard let timeline = try timelineBegun() else { return }
        if let last = try directory.history(of: timeline).entries.last {
            let size = directory.segmentSize
            let number = size.number(containing: last.switchpoint)
            let old = directory.path(of: SegmentName(timeline: last.timeline, number: number))
            let hasCopy = size.offset(of: last.switchpoint) > 0
            try asking { () throws(IOFailure) in
                guard hasCopy, try fileSystem.exists(old) else { return }
                try fileSystem.rename(old, to: old + WALDirectory.partialSuffix)
                try fileSystem.syncDirectory(WALDirectory.path)
            }
        }
    }

    /// The promotion is over, if there was one.
    func remove() throws(DiskFailure) {
        try asking { () throws(IOFailure) in
            guard try fileSystem.exists(Self.path) else { return }
            try fileSystem.remove(Self.path)
            try fileSystem.syncDirectory("")
        }
    }

    private func timelineBegun() throws(DiskFailure) -> Timeline? {
        let text = try asking { () throws(IOFailure) in
            try fileSystem.contentsIfPresent(of: Self.path)
        }
        guard let text else { return nil }
        guard let number = UInt32(String(decoding: text.prefix { $0 != 10 }, as: UTF8.self)) else {
            throw .io(IOFailure(.read, Self.path, code: IOFailure.garbled))
        }
        return Timeline(number)
    }
}
