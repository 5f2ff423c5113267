import WALFormat

/// `backup_label`: tells the restored server where its redo must begin. PostgreSQL:
/// `do_pg_backup_start`.
struct BackupLabel: Hashable {
    let start: BaseBackup.Start
    let segmentSize: SegmentSize
    let label: String
    let startedAt: PostgresTime

    /// The longest label a client may choose. PostgreSQL: `MAXPGPATH`.
    static let maximumByteCount = 1024

    /// The file. A line end in the label would look like a further line: it becomes a space.
    var text: String {
        let segment = SegmentName(
            timeline: start.timeline, number: segmentSize.number(containing: start.position))
        let label = String(label.map { $0.isNewline ? " " : $0 })
        return """
            START WAL LOCATION: \(start.position) (file \(segment.fileName(segmentSize)))
            CHECKPOINT LOCATION: \(start.checkpoint)
            BACKUP METHOD: streamed
            BACKUP FROM: \(start.isStandby ? "standby" : "primary")
            START TIME: \(startedAt.gmtText)
            LABEL: \(label)
            START TIMELINE: \(start.timeline)

            """
    }
}
