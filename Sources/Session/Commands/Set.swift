internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `set`: one write, one commit, and where its record is when the client has its OK.
    func set(_ node: NodeReference?, key: String, value: String) throws(Failure) -> Reply {
        let before = look()
        let report = try ask(.set(node: node, key: key, value: value)) { () throws(LabFailure) in
            try lab.write(key, value, on: before.name(node ?? .primary))
        }
        keys.note(key)
        return Reply(
            lines: report.isInTransaction
                ? uncommitted(report, othersSee: "nobody else sees the row")
                : written(report, since: before),
            json: [.members([("key", .string(key))] + report.json)])
    }

    /// The OK of a write, then whatever is not as a learner would expect: a replica without the
    /// record, an event on the way.
    func written(_ report: WriteReport, since before: Standing) -> [String] {
        guard let lsn = report.lsn else { return ["OK (nothing was there to change)"] + events() }
        return committed(lsn, on: report.node, since: before)
    }

    /// The OK of a commit; `remark` says what is special about it.
    func committed(
        _ lsn: LSN, on node: String, since before: Standing, remark: String = ""
    ) -> [String] {
        let now = look()
        let reach = RecordReach(of: lsn, on: node, in: now)
        let ok = "OK lsn=\(lsn) (\(node) fsynced; \(reach.text))\(remark)"
        if reach.isEverywhere, now.otherPrimaries.isEmpty { return [ok] + events(in: now) }
        return [ok] + consequences(since: before)
    }

    /// A write inside a transaction: where its bytes are, and who sees what.
    func uncommitted(_ report: WriteReport, othersSee what: String) -> [String] {
        let now = look()
        let end = now.snapshot[report.node]?.positions?.insert ?? .invalid
        let reach = RecordReach(of: end, on: report.node, in: now)
        let clauses = reach.bytesText.map { [$0, what] } ?? [what]
        return [
            "in the transaction on \(report.node): not committed yet",
            clauses.joined(separator: "; "),
        ] + events(in: now)
    }
}

extension WriteReport {
    /// The members that every write's answer has. A write inside a transaction is not acknowledged
    /// before the commit is.
    var json: [(String, JSONValue)] {
        isInTransaction
            ? [("lsn", .null), ("acked_at", .null), ("in_transaction", .bool(true))]
            : [("lsn", .optional(lsn?.description)), ("acked_at", acknowledgedAt.json)]
    }
}

/// Which replicas of a node have a record in their own logs, durably.
struct RecordReach {
    private var having: [String] = []
    private var lacking: [String] = []
    private var down: [String] = []
    private var diverged: [String] = []
    private let node: String

    init(of lsn: LSN, on node: String, in standing: Standing) {
        self.node = node
        for replica in standing.followersShown where standing.origin(of: replica.name) == node {
            guard let positions = replica.positions else {
                down.append(replica.name)
                continue
            }
            if standing.refusal(of: replica.name) != nil {
                diverged.append(replica.name)
            } else if positions.flush >= lsn {
                having.append(replica.name)
            } else {
                lacking.append(replica.name)
            }
        }
    }

    /// Whether no replica lacks it.
    var isEverywhere: Bool { lacking.isEmpty && down.isEmpty && diverged.isEmpty }

    /// `r1 has the bytes, r2 not yet`; nil when no replica is up to have them.
    var bytesText: String? {
        var clauses: [String] = []
        if !having.isEmpty {
            clauses.append(
                "\(Words.list(having)) \(Words.verb(having.count, "has", "have")) the bytes")
        }
        if !lacking.isEmpty {
            let verb = Words.verb(lacking.count, "does", "do")
            let rest = having.isEmpty ? "\(verb) not have the bytes yet" : "not yet"
            clauses.append("\(Words.list(lacking)) \(rest)")
        }
        return clauses.isEmpty ? nil : clauses.joined(separator: ", ")
    }

    /// `r1 has it, r2 does not yet`.
    var text: String {
        var clauses: [String] = []
        if !having.isEmpty {
            clauses.append(
                "\(Words.list(having)) \(Words.verb(having.count, "has", "have")) it")
        }
        if !lacking.isEmpty {
            let verb = Words.verb(lacking.count, "does", "do")
            let rest = having.isEmpty ? "not have it yet" : "not yet"
            clauses.append("\(Words.list(lacking)) \(verb) \(rest)")
        }
        if !diverged.isEmpty { clauses.append("\(Words.list(diverged)) cannot follow") }
        if !down.isEmpty {
            clauses.append("\(Words.list(down)) \(Words.verb(down.count, "is", "are")) down")
        }
        return clauses.isEmpty ? "no replica follows \(node)" : clauses.joined(separator: ", ")
    }
}
