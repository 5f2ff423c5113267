internal import WALFormat

/// What recovery reads: a directory's files, and what they say of themselves. It writes nothing, so
/// that the same reading serves a node that starts and one who only looks.
struct RecoverySource {
    let fileSystem: any FileSystem
    /// Of a base backup, as its label has them.
    let control: ControlData
    let isStandby: Bool
    /// The base backup that the directory is, if it was never recovered since.
    let backup: RestoredBackup?

    /// What an open directory holds.
    init(_ directory: DataDirectory) {
        fileSystem = directory.fileSystem
        control = directory.control
        isStandby = directory.isStandby
        backup = directory.backup
    }

    /// What lies in a directory that nobody opens.
    /// - Throws: as `DataDirectory.open` does.
    init(atRest fileSystem: any FileSystem) throws(OpenFailure) {
        if let failure = try DirectoryLayout.unfinished(fileSystem) { throw failure }
        let refusal = try opening { () throws(IOFailure) in
            try DataDirectory.identify(fileSystem)
        }
        if let refusal { throw refusal }
        let control = try ControlData(reading: fileSystem)
        let isStandby = try opening { () throws(IOFailure) in
            try fileSystem.exists(DirectoryLayout.standbySignal)
        }
        let backup = try RestoredBackup.read(fileSystem)
        try DirectoryInspection(fileSystem, control, isStandby: isStandby).run(backup)
        self.fileSystem = fileSystem
        self.control = backup?.correcting(control) ?? control
        self.isStandby = isStandby
        self.backup = backup
    }

    var walDirectory: WALDirectory {
        WALDirectory(fileSystem: fileSystem, segmentSize: control.segmentSize)
    }

    /// The log that recovery goes by.
    func lineage() throws(OpenFailure) -> Lineage {
        try walDirectory.currentLineage(control, isStandby: isStandby)
    }
}
