internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Replication
internal import Storage
internal import WALFormat

extension Session {
    /// `basebackup`: a replica's directory is filled anew from another node, which goes on working.
    func basebackup(_ request: BackupRequest) throws(Failure) -> Reply {
        let before = look()
        let replica = before.name(request.replica)
        if replica == lab.foreignName { return try basebackupForeign(request, since: before) }
        let source = request.source.map { before.name($0) }
        guard request.waits else { return try begin(request, replica, source, before) }
        let report = try finished(request) { () throws(LabFailure) in
            try lab.baseBackup(of: replica, from: source, rate: request.rate)
        }
        memory.note(.ok, on: replica)
        let rest = consequences(since: before) { event in
            event.node == replica
                && (event.isAboutBackup || event.isRecovery
                    || event.isAboutReceiving(on: replica))
        }
        let streams = lab.snapshot()[replica]?.reception == .streaming
        let last =
            streams
            ? "\(replica) streams from \(report.source)"
            : "\(replica) follows \(report.source), and does not stream yet"
        return Reply(
            lines: ["\(replica) was emptied and filled anew"] + BackupText.lines(report) + [last]
                + rest,
            json: [report.json(streams: streams)])
    }

    /// A failure says itself what the event of it would say.
    private func finished<Report>(
        _ request: BackupRequest, _ backup: () throws(LabFailure) -> Report
    ) throws(Failure) -> Report {
        do throws(Failure) {
            return try ask(.basebackup(request), backup)
        } catch {
            skipEvents { $0.isAboutBackup }
            throw error
        }
    }

    private func begin(
        _ request: BackupRequest, _ replica: String, _ source: String?, _ before: Standing
    ) throws(Failure) -> Reply {
        let progress = try finished(request) { () throws(LabFailure) in
            try lab.startBaseBackup(of: replica, from: source, rate: request.rate)
        }
        memory.note(.ok, on: replica)
        return Reply(
            lines: [
                "\(replica) receives a base backup from \(progress.source): "
                    + CountText.bytes(progress.receivedByteCount) + " so far"
            ] + consequences(since: before),
            json: [
                [
                    "replica": .string(replica), "source": .string(progress.source),
                    "received_bytes": .int(progress.receivedByteCount),
                    "expected_bytes": progress.expectedByteCount.map { .int($0) } ?? .null,
                ]
            ])
    }
}

extension LabEvent {
    /// A base backup has ended, as the reply says itself.
    fileprivate var isAboutBackup: Bool {
        if case .backup = kind { true } else { false }
    }
}

extension BackupReport {
    fileprivate func json(streams: Bool) -> JSONValue {
        [
            "replica": .string(replica), "source": .string(source),
            "checkpoint_lsn": .optional(summary.checkpoint?.description),
            "redo_lsn": .string(summary.redo.description),
            "end_lsn": .string(summary.end.description),
            "timeline": .int(Int(summary.timeline.rawValue)),
            "files": .int(summary.fileCount), "bytes": .int(summary.byteCount),
            "wal_files": .int(summary.walFileCount), "wal_bytes": .int(summary.walByteCount),
            "records_replayed": .int(recovery.recordsReplayed), "streams": .bool(streams),
            "took_ms": took.jsonMilliseconds,
        ]
    }
}
