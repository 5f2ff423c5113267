public import WALFormat

/// The record that ends an online backup of a primary: who recovers from the backup knows by it
/// that the pages are consistent. PostgreSQL: XLOG_BACKUP_END.
extension Database {
    /// Writes it. `start` is the backup's redo point. A standby writes nothing.
    @discardableResult
    public mutating func endBackup(from start: LSN) -> WALInserter.Inserted? {
        guard !isReadOnly else { return nil }
        return withWriting { $0.log.insert(WALRecord(endingBackupFrom: start)) }
    }
}

extension WALRecord {
    private static let backupEndInfo: UInt8 = 0x50

    /// The online backup that began at `start` is over.
    init(endingBackupFrom start: LSN) {
        self.init(resourceManager: ResourceManager.xlog, info: Self.backupEndInfo)
        mainData.append(littleEndian: start.rawValue)
    }

    /// Where the backup that ends here began, if that is what the record says.
    public var endedBackup: LSN? {
        guard resourceManager == ResourceManager.xlog, info & 0xF0 == Self.backupEndInfo,
            mainData.count == 8
        else { return nil }
        return LSN(mainData.load(littleEndian: UInt64.self, at: 0))
    }
}
