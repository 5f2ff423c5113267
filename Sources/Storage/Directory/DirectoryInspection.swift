internal import WALFormat

/// Whether a data directory has all the files that what is there tells of, before any of them is
/// believed or written. What is in the files each reader checks for itself.
struct DirectoryInspection {
    private let fileSystem: any FileSystem
    private let control: ControlData
    private let isStandby: Bool
    private let wal: WALDirectory

    init(_ fileSystem: any FileSystem, _ control: ControlData, isStandby: Bool) {
        self.fileSystem = fileSystem
        self.control = control
        self.isStandby = isStandby
        wal = WALDirectory(fileSystem: fileSystem, segmentSize: control.segmentSize)
    }

    /// - Parameter backup: the base backup that the directory is, if it was not started yet.
    /// - Throws: `.damagedFile`, which names the file.
    func run(_ backup: RestoredBackup?) throws(OpenFailure) {
        try checkRole(backup)
        do throws(DiskFailure) {
            try checkSegments()
        } catch {
            throw OpenFailure(error, at: control.redo)
        }
    }

    /// The control data, `standby.signal` and `backup_label` tell of each other: a standby without
    /// its signal would write, and a backup without its label would begin its redo too late. A
    /// primary that was made a standby says so.
    private func checkRole(_ backup: RestoredBackup?) throws(OpenFailure) {
        guard backup == nil, isStandby != control.state.isStandby else { return }
        guard !isStandby else {
            if try StandbySetting.isSet(fileSystem) { return }
            throw .damagedFile(path: DirectoryLayout.backupLabel, reason: Self.missing)
        }
        let isPromoted = try opening { () throws(IOFailure) in
            try fileSystem.exists(DirectoryLayout.promote)
        }
        if !isPromoted {
            throw .damagedFile(path: DirectoryLayout.standbySignal, reason: Self.missing)
        }
    }

    /// No segment is longer than a segment, and of each timeline that wrote one there is a history:
    /// it was durable before.
    private func checkSegments() throws(DiskFailure) {
        var timelines: Set<Timeline> = []
        for name in try wal.segments() {
            timelines.insert(name.timeline)
            let path = wal.path(of: name)
            try asking { () throws(IOFailure) in
                guard try fileSystem.open(path, .readOnly).size() > wal.segmentSize.byteCount
                else { return }
                throw IOFailure(.size, path, code: IOFailure.oversized)
            }
        }
        for timeline in timelines.union(try wal.timelinesWithHistory()).sorted() {
            try wal.checkHistory(of: timeline)
        }
    }

    private static let missing = "it is missing"
}
