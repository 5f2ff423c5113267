internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// What reads have met, one policy a row.
struct ReadTable {
    let counts: ReadCounts

    var lines: [String] {
        var table = TextTable([
            .text("policy"), .number("reads"), .number("stale"), .number("missed"),
            .number("primary"), .number("waited"), .number("longest"),
        ])
        for policy in counts.policies {
            let tally = counts[policy]
            table.append(
                [policy.text]
                    + [tally.reads, tally.stale, tally.misses, tally.primary, tally.waits]
                    .map(String.init) + [tally.waits > 0 ? tally.longestWait.text : "-"])
        }
        return table.lines + [
            "stale: lacked a confirmed write of the key; missed: the reader's own, of these",
            "primary: answered there; waited: for a replica, the longest wait so long",
        ]
    }

    /// The members of `policies`.
    var json: [JSONValue] {
        counts.policies.map { policy in
            let tally = counts[policy]
            return [
                "policy": .string(policy.text), "reads": .int(tally.reads),
                "stale": .int(tally.stale), "own_misses": .int(tally.misses),
                "primary": .int(tally.primary), "waits": .int(tally.waits),
                "longest_wait_ms": tally.longestWait.jsonMilliseconds,
            ]
        }
    }
}
