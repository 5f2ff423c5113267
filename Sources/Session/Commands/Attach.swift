internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Replication
internal import WALFormat
internal import WireProtocol

extension Session {
    /// `attach standby pg`: a real PostgreSQL follows the primary from now on.
    func attach(_ name: String) throws(Failure) -> Reply {
        let before = look()
        if let own = lab.foreignName, own != name {
            throw Failure(
                "a lab has one PostgreSQL, and its name is \(own)", advice: "attach standby \(own)")
        }
        let report = try ask(.attach(name: name)) { () throws(LabFailure) in try lab.attach() }
        return Reply(
            lines: BackupText.origin(report.upstream, report.backup) + [
                "\(report.node), an unmodified PostgreSQL on it, follows \(report.upstream)"
            ] + consequences(since: before),
            json: [
                [
                    "node": .string(report.node), "upstream": .string(report.upstream),
                    "redo_lsn": .string(report.backup.redo.description),
                    "lsn": .string(report.at.description),
                ]
            ])
    }

    /// `basebackup` of the outside standby, which is started anew on it.
    func basebackupForeign(
        _ request: BackupRequest, since before: Standing
    ) throws(Failure) -> Reply {
        guard request.waits else {
            throw Failure(
                "a base backup of a PostgreSQL is always waited for",
                advice: "basebackup \(before.name(request.replica))")
        }
        let source = request.source.map { before.name($0) }
        let report = try ask(.basebackup(request)) { () throws(LabFailure) in
            try lab.baseBackupForeign(from: source, rate: request.rate)
        }
        return Reply(
            lines: report.lines + consequences(since: before), json: [report.json])
    }

    /// `detach`: it is shut down and gone.
    func detach(_ name: String?) throws(Failure) -> Reply {
        let before = look()
        if let name, let own = lab.foreignName, own != name {
            throw Failure("\(Words.quoted(name)) is no PostgreSQL", advice: "detach \(own)")
        }
        try ask(.detach(name: name)) { () throws(LabFailure) in try lab.detach() }
        let node = lab.foreignName ?? ""
        return Reply(
            lines: ["\(node) was shut down, and is no part of the lab any more"]
                + consequences(since: before),
            json: [["node": .string(node)]])
    }

    /// `reconnect` of the outside standby.
    func reconnectForeign(since before: Standing) throws(Failure) -> Reply {
        let report = try ask(.reconnect(node: .named(lab.foreignName ?? ""))) {
            () throws(LabFailure) in try lab.reconnectForeign()
        }
        return Reply(lines: report.lines + consequences(since: before), json: [report.json])
    }
}

extension ForeignBackupReport {
    fileprivate var lines: [String] {
        let follows = isStreaming ? "streams from" : "does not stream yet from"
        let waited = took > .zero ? ["it took \(took.text) of lab time"] : []
        return ["\(node) was stopped, filled anew and started"]
            + BackupText.origin(source, summary) + waited + ["\(node) \(follows) \(source)"]
    }

    fileprivate var json: JSONValue {
        [
            "replica": .string(node), "source": .string(source),
            "checkpoint_lsn": .optional(summary.checkpoint?.description),
            "redo_lsn": .string(summary.redo.description),
            "end_lsn": .string(summary.end.description),
            "timeline": .int(Int(summary.timeline.rawValue)),
            "files": .int(summary.fileCount), "bytes": .int(summary.byteCount),
            "streams": .bool(isStreaming), "took_ms": took.jsonMilliseconds,
        ]
    }
}

extension ForeignReconnectReport {
    fileprivate var lines: [String] {
        guard isCaughtUp else {
            return [
                "\(node) has not caught up with \(upstream) yet" + ForeignText.reason(refusal, "")
            ]
        }
        let asked = askedFrom.map { "\(node) asked for WAL from \($0), the start of a segment:" }
        let shipped =
            byteCount > 0
            ? "\(Words.commits(commitCount)), \(CountText.bytes(byteCount)) of it new"
            : "nothing was missing"
        return (asked.map { [$0] } ?? []) + [shipped]
    }

    fileprivate var json: JSONValue {
        [
            "replica": .string(node), "upstream": .string(upstream),
            "asked_from": .optional(askedFrom?.description),
            "caught_up_at": .string(replayed.description), "commits": .int(commitCount),
            "bytes": .int(byteCount),
        ]
    }
}
