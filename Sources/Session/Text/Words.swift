internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock

extension LabInstant {
    /// As people read it: `03:00:00.412`.
    var text: String { TimeText.instant(nanoseconds: nanoseconds) }

    /// The same as a JSON string.
    var json: JSONValue { .string(text) }
}

extension Duration {
    /// In its natural unit: `800ms`, `1.5s`.
    var text: String { TimeText.duration(nanoseconds: wholeNanoseconds) }

    /// Rounded down to the millisecond, so that a meter stays narrow: `733ms`.
    var meterText: String {
        TimeText.duration(nanoseconds: wholeNanoseconds / 1_000_000 * 1_000_000)
    }

    /// In milliseconds, exact.
    var jsonMilliseconds: JSONValue { .milliseconds(nanoseconds: wholeNanoseconds) }
}

/// Clauses that several commands share.
enum Words {
    /// `crashed` or `stopped`; nil for a node that runs.
    static func down(_ state: NodeState) -> String? {
        switch state {
        case .up, .full, .frozen, .failed: nil
        case .seeding(let progress): "receiving a base backup from \(progress.source)"
        case .crashed: "crashed"
        case .stopped: "stopped"
        }
    }

    /// `r1`, `r1 and r2`, `r1, r2 and r3`; of many, `r1 to r9 and r12`.
    static func list(_ names: [String], _ conjunction: String = "and") -> String {
        let shown = names.count > FoldedNames.limit ? FoldedNames.ranges(names) : names
        return CountText.list(shown, joinedBy: conjunction)
    }

    /// `is` or `are`, for so many.
    static func verb(_ count: Int, _ one: String, _ many: String) -> String {
        count == 1 ? one : many
    }

    /// `3 commits`.
    static func commits(_ count: Int) -> String { CountText.of(count, "commit") }

    /// A text a learner typed, as one word that could be typed again and that a terminal will not
    /// act on; long ones are cut.
    static func quoted(_ text: String, limit: Int = 40) -> String {
        let isLong = text.unicodeScalars.count > limit
        let shown = isLong ? String(text.unicodeScalars.prefix(limit)) : text
        return ShellQuote.quoted(shown).escapedForDisplay + (isLong ? "..." : "")
    }

    /// A text broken at spaces into lines of at most `width` cells, where its words allow it.
    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, DisplayWidth.of(last) + 1 + word.utf8.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// The first line of a session.
    static func greeting(primary: String, replicas: [String]) -> String {
        guard !replicas.isEmpty else { return "Shiplog: \(primary) runs alone, with no replica." }
        let names = list(replicas)
        let verb = verb(replicas.count, "streams", "stream")
        return "Shiplog: \(primary) is the primary; \(names) \(verb) its write-ahead log."
    }
}
