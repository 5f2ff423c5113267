internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Replication
internal import WALFormat

extension Session {
    /// `promote`: step 3 of the failover procedure, and what it cost.
    func promote(_ node: NodeReference) throws(Failure) -> Reply {
        let before = look()
        let replica = before.name(node)
        let report = try ask(.promote(node: node)) { () throws(LabFailure) in
            try lab.promote(replica)
        }
        memory.forked(report.timeline, at: report.fork)
        let told = Set(report.others.map(\.name) + [replica])
        let rest = consequences(since: before) { event in
            told.contains(event.node) && event.isAboutFollowing
        }
        let loss = LossTable(report.loss, hasSharedCommits: memory.hasSharedCommits)
        return Reply(
            lines: report.lines + rest + loss.lines, json: [.members(report.json + loss.members)])
    }
}

extension LabEvent {
    /// A receiver left the old primary or found the new one: the reply says so in its own words.
    fileprivate var isAboutFollowing: Bool {
        switch kind {
        case .receiver(let event):
            switch event {
            case .streaming, .disconnected, .followed, .stopped: true
            case .timedOut, .refused, .protocolViolation: false
            }
        case .sender, .recovered, .diskFailed, .diskFull, .diskHasRoom, .walRemoved, .slotLost,
            .replayStopped, .backup, .foreign, .connectionRefused:
            false
        }
    }
}

extension PromotionReport {
    fileprivate var lines: [String] {
        ["\(node) is the primary now: timeline \(timeline) begins at \(fork)"]
            + others.map { line($0) }
    }

    private func line(_ other: Follower) -> String {
        switch other.fate {
        case .follows(let lsn): "\(other.name) follows \(node) from \(lsn)"
        case .cannotFollow(let own, let fork):
            "\(other.name) cannot follow \(node): it has WAL to \(own), past the fork at \(fork)"
        case .refused: "\(other.name) cannot follow \(node) yet: it was refused"
        case .notYet: "\(other.name) will follow \(node) when it can reach it"
        case .isDown: "\(other.name) is down"
        }
    }

    fileprivate var json: [(String, JSONValue)] {
        [
            ("node", .string(node)), ("timeline", .int(Int(timeline.rawValue))),
            ("fork", .string(fork.description)), ("old_primary", .string(oldPrimary)),
            ("old_primary_is_up", .bool(oldPrimaryIsUp)),
            ("others", .array(others.map(\.json))),
        ]
    }
}

extension PromotionReport.Follower {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "fate": .string(fate.word),
            "lsn": .optional(fate.position?.description),
        ]
    }
}

extension PromotionReport.Fate {
    /// As JSON has it.
    var word: String {
        switch self {
        case .follows: "follows"
        case .cannotFollow: "cannot follow"
        case .notYet: "not yet"
        case .refused: "refused"
        case .isDown: "down"
        }
    }

    /// Where it stands, if that says something.
    var position: LSN? {
        switch self {
        case .follows(let lsn): lsn
        case .cannotFollow(let own, _): own
        case .notYet, .refused, .isDown: nil
        }
    }
}
