internal import Cluster
internal import CommandLanguage
internal import Replication
internal import Storage
internal import WALFormat
internal import WireProtocol

/// Base backups in sentences.
enum BackupText {
    /// What was received, and how it became consistent.
    static func lines(_ report: BackupReport) -> [String] {
        let summary = report.summary
        let recovery = report.recovery
        let files = CountText.of(summary.fileCount, "file")
        let segments = CountText.of(summary.walFileCount, "file")
        let replayed = CountText.of(recovery.recordsReplayed, "record")
        let took = report.took > .zero ? ["it took \(report.took.text) of lab time"] : []
        return origin(report.source, summary) + [
            "received \(files), \(CountText.bytes(summary.byteCount)), and \(segments) of WAL, "
                + CountText.bytes(summary.walByteCount) + "; every checksum is right",
            "replayed \(replayed) from \(recovery.redoStart) to \(recovery.end); "
                + "consistent since the backup's end at \(summary.end)",
        ] + took
    }

    /// Whose files they are, and from where redo began on them.
    static func origin(_ source: String, _ summary: BackupReceiver.Summary) -> [String] {
        let checkpoint = summary.checkpoint.map { "checkpoint \($0), " } ?? ""
        return [
            "base backup of \(source): \(checkpoint)redo LSN \(summary.redo), "
                + "timeline \(summary.timeline)"
        ]
    }

    static func event(_ said: BackupEvent) -> String {
        switch said {
        case .complete(let report):
            return "its base backup from \(report.source) is complete at \(report.summary.end); "
                + "it replayed \(CountText.of(report.recovery.recordsReplayed, "record"))"
        case .failed(.backupFailed(_, let source, let reason, let isTouched)):
            return Self.reason(reason, source: source)
                + (isTouched ? "; it is left empty" : "; its files are as they were")
        case .failed(.cannotOpen(_, let reason)):
            return "its base backup cannot be opened: \(reason.description.escapedForDisplay)"
        case .failed(.cannotListen(_, let reason)):
            return "cannot listen on 127.0.0.1: \(reason.escapedForDisplay)"
        case .failed:
            return "its base backup failed"
        case .foundIncomplete(let source):
            return "it holds an incomplete base backup of \(source.escapedForDisplay) and cannot "
                + "start; it needs another: basebackup"
        }
    }

    /// Why there is none, in a clause whose subject is the replica.
    static func reason(_ failure: BackupReceiver.Failure, source: String) -> String {
        switch failure {
        case .unreachable: "cannot connect to \(source) for a base backup"
        case .connectionLost: "lost its connection to \(source) in the middle of its base backup"
        case .timedOut(let silence):
            "heard nothing from \(source) for \(silence.text) and gave its base backup up "
                + "(wal_receiver_timeout)"
        case .refused(let error):
            "got no base backup from \(source): \(error.message.escapedForDisplay) "
                + "(server error \(error.code.code.escapedForDisplay))"
        case .protocolViolation(let reason), .badArchive(let reason), .badManifest(let reason):
            "cannot use the base backup of \(source): \(reason.escapedForDisplay)"
        case .disk(let reason): "could not write its base backup: \(reason.escapedForDisplay)"
        case .cancelled: "gave its base backup up"
        }
    }
}
