internal import Cluster
internal import CommandLanguage
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
            lines: written(report, since: before),
            json: [.members([("key", .string(key))] + report.json)])
    }

    /// The OK of a write, then whatever is not as a learner would expect: a replica without the
    /// record, an event on the way.
    func written(_ report: WriteReport, since before: Standing) -> [String] {
        let now = look()
        guard let lsn = report.lsn else { return ["OK (nothing was there to change)"] + events() }
        let reach = RecordReach(of: lsn, on: report.node, in: now)
        let ok = "OK lsn=\(lsn) (\(report.node) fsynced; \(reach.text))"
        if reach.isEverywhere, now.otherPrimaries.isEmpty { return [ok] + events() }
        return [ok] + consequences(since: before)
    }
}

extension WriteReport {
    /// The members that every write's answer has.
    var json: [(String, JSONValue)] {
        [("lsn", .optional(lsn?.description)), ("acked_at", acknowledgedAt.json)]
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
        for replica in standing.replicas where replica.role == .standby(upstream: node) {
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
