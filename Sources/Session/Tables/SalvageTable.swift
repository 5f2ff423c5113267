internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// The forked tail of a node's log, a row a key: what it made of the key, what the primary has
/// beside it, and whether that is a conflict.
///
/// - Conflicts come first, so that a long table, which is cut in the middle, does not hide them.
struct SalvageTable {
    private let tail: SalvageReport

    init(_ tail: SalvageReport) {
        self.tail = tail
    }

    /// Heading, rows, and what they mean.
    var lines: [String] {
        guard tail.commitCount > 0 else {
            return [
                "\(tail.node) has no commit that \(tail.primary) does not have: nothing to salvage"
            ] + gaps
        }
        let which = tail.commitCount == 1 ? "a commit" : Words.commits(tail.commitCount)
        return [
            "behind the fork at \(tail.fork) \(tail.node) has \(which) that \(tail.primary) "
                + "does not have:"
        ] + rows(tail.conflicts + tail.keys.filter { $0.standing != .conflict }) + gaps
    }

    /// The rows of some of the keys.
    func rows(_ keys: [SalvageKey]) -> [String] {
        TextTable.shortened(
            [
                .text("key"), .text("on \(tail.node)"), .text("on \(tail.primary)"), .text("lsn"),
                .text("client"), .text("standing"),
            ], keys.lazy.map(\.cells))
    }

    /// The members of the answer's object.
    var members: [(String, JSONValue)] {
        [
            ("node", .string(tail.node)), ("primary", .string(tail.primary)),
            ("fork", .string(tail.fork.description)), ("commits", .int(tail.commitCount)),
            ("incomplete_commits", .int(tail.incompleteCount)),
            ("log_begins", .optional(tail.beginsBehindFork?.description)),
            ("conflicts", .int(tail.conflicts.count)), ("keys", .array(tail.keys.map(\.json))),
        ]
    }

    /// What the log does not say any more.
    private var gaps: [String] {
        let begin = tail.beginsBehindFork.map {
            "WAL of \(tail.node) before \($0) was removed: commits there are not listed"
        }
        let incomplete =
            tail.incompleteCount > 0
            ? "of \(Words.commits(tail.incompleteCount)) changes may be missing: older WAL is gone"
            : nil
        return [begin, incomplete].compactMap(\.self)
    }
}

extension SalvageKey {
    fileprivate var cells: [String] {
        [
            Words.quoted(key, limit: 14), Self.text(value, none: "(deleted)"),
            Self.text(held, none: "(no such key)"), lsn.description,
            isAcknowledged ? "OK" : "no OK", standing.rawValue,
        ]
    }

    private static func text(_ value: String?, none: String) -> String {
        value.map { Words.quoted($0, limit: 8) } ?? none
    }

    fileprivate var json: JSONValue {
        [
            "key": .string(key), "value": .optional(value), "held": .optional(held),
            "lsn": .string(lsn.description), "acknowledged": .bool(isAcknowledged),
            "standing": .string(standing.rawValue),
        ]
    }
}
