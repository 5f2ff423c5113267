internal import Cluster
internal import CommandLanguage
internal import LabClock
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
            lines: ["\(report.node), an unmodified PostgreSQL, follows \(report.upstream)"]
                + consequences(since: before),
            json: [
                [
                    "node": .string(report.node), "upstream": .string(report.upstream),
                    "lsn": .string(report.at.description),
                ]
            ])
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
