internal import WALFormat

/// What `backup_label` tells a directory that is a base backup: where its redo must begin, whatever
/// the control data say, which are as young as the moment they were copied. PostgreSQL:
/// `read_backup_label`.
struct RestoredBackup: Hashable, Sendable {
    /// The redo point of the checkpoint with which the backup began.
    var redo: LSN
    /// That checkpoint's record.
    var checkpoint: LSN
    /// The timeline of both.
    var timeline: Timeline
    /// A primary's backup is consistent at the record that ends it, a standby's at its control
    /// data's minimum.
    var isFromStandby: Bool

    /// Reads the file; nil if it is none.
    init?(label: String) {
        var facts: [Substring: Substring] = [:]
        for line in label.split(separator: "\n") {
            guard let colon = line.firstRange(of: ": ") else { continue }
            facts[line[..<colon.lowerBound]] = line[colon.upperBound...]
        }
        guard let start = facts["START WAL LOCATION"]?.split(separator: " ").first,
            let redo = LSN(String(start)),
            let checkpoint = facts["CHECKPOINT LOCATION"].flatMap({ LSN(String($0)) }),
            let timeline = facts["START TIMELINE"].flatMap({ UInt32($0) }), timeline > 0,
            redo <= checkpoint
        else { return nil }
        self.redo = redo
        self.checkpoint = checkpoint
        self.timeline = Timeline(timeline)
        isFromStandby = facts["BACKUP FROM"] == "standby"
    }

    /// The label of a directory; nil when it has none.
    /// - Throws: `.damagedFile` for one that makes no sense.
    static func read(_ fileSystem: any FileSystem) throws(OpenFailure) -> RestoredBackup? {
        let path = DirectoryLayout.backupLabel
        let bytes = try opening { () throws(IOFailure) in
            try fileSystem.contentsIfPresent(of: path)
        }
        guard let bytes else { return nil }
        guard let label = RestoredBackup(label: String(decoding: bytes, as: UTF8.self)) else {
            throw .damagedFile(path: path, reason: "not a backup label")
        }
        return label
    }

    /// The control data that recovery goes by.
    func correcting(_ control: ControlData) -> ControlData {
        var control = control
        control.checkpoint = checkpoint
        control.redo = redo
        control.timeline = timeline
        control.state = .inArchiveRecovery
        if !isFromStandby {
            control.minimumRecovery = .invalid
            control.minimumRecoveryTimeline = timeline
        }
        return control
    }
}
