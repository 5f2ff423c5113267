internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WALFormat

/// What is said of a read that was left to a policy: the value, who answered and why, and what the
/// answer lacks.
struct RoutedReadText {
    let report: RoutedReport
    let key: String
    let now: LabInstant

    var lines: [String] {
        let read = report.read
        let value =
            read.value?.escapedForDisplay ?? "(no such key on \(read.node) at \(read.lsn))"
        return [value, "\(report.policy.text): \(read.node) answered\(reason)"]
            + (report.missing.map { [text($0)] } ?? [])
    }

    private var reason: String {
        switch report.reason {
        case .named: ""
        case .turn: ", it was its turn"
        case .noReplicaStreams: ", because no replica streams"
        case .onlyReplicasAnswer: ", because nobody streams and the primary is away"
        case .recentWrite(let age): ", because your last write is \(age.text) old"
        case .hasToken(let token, let waited):
            waited == .zero
                ? ", which has replayed \(token.position.lsn)"
                : " after \(waited.text), when it had replayed \(token.position.lsn)"
        case .tokenNotReached(let token, let waited):
            ", because no replica has replayed \(token.position.lsn)"
                + (waited == .zero ? "" : " in \(waited.text)")
        case .tokenIsLost(let token):
            ", because \(token.position) is lost"
        }
    }

    private func text(_ missing: MissingVersion) -> String {
        let age = now.since(missing.token.acknowledgedAt).text
        let lsn = missing.token.position.lsn
        let lost = missing.isLost ? "; it is lost" : ""
        return missing.isOwn
            ? "it lacks your own write, confirmed \(age) ago (\(lsn))\(lost)"
            : "stale: a newer version was confirmed \(age) ago (\(lsn))\(lost)"
    }

    var json: JSONValue {
        let read = report.read
        return [
            "key": .string(key), "value": .optional(read.value), "node": .string(read.node),
            "lsn": .string(read.lsn.description), "policy": .string(report.policy.text),
            "reason": .string(report.reason.jsonName), "is_primary": .bool(report.isPrimary),
            "waited_ms": report.waited.jsonMilliseconds, "stale": .bool(report.missing != nil),
            "misses_own_write": .bool(report.missing?.isOwn ?? false),
            "missing_lsn": .optional(report.missing?.token.position.lsn.description),
            "missing_is_lost": .bool(report.missing?.isLost ?? false),
        ]
    }
}

extension ReadReason {
    fileprivate var jsonName: String {
        switch self {
        case .named: "named"
        case .turn: "turn"
        case .noReplicaStreams: "no_replica_streams"
        case .onlyReplicasAnswer: "only_replicas_answer"
        case .recentWrite: "recent_write"
        case .hasToken: "has_token"
        case .tokenNotReached: "token_not_reached"
        case .tokenIsLost: "token_is_lost"
        }
    }
}
