/// Reads that were left to policies, counted.
package struct ReadCounts: Hashable, Sendable {
    /// Those of one policy.
    package struct Tally: Hashable, Sendable {
        /// Answered.
        package fileprivate(set) var reads = 0
        /// Answers that lacked a version whose client was told OK.
        package fileprivate(set) var stale = 0
        /// Of those, answers that lacked a write of the reader's own.
        package fileprivate(set) var misses = 0
        /// Answers of the primary.
        package fileprivate(set) var primary = 0
        /// Reads that waited for a replica.
        package fileprivate(set) var waits = 0
        /// The longest wait.
        package fileprivate(set) var longestWait = Duration.zero

        package init() {}
    }

    /// In the order that was given, or in that of their kinds.
    package private(set) var policies: [ReadPolicy] = []
    private var tallies: [ReadPolicy: Tally] = [:]

    /// No reads; of these policies the tallies stand there with zeros.
    package init(_ policies: [ReadPolicy] = []) {
        self.policies = policies
    }

    /// Those of one policy.
    package subscript(policy: ReadPolicy) -> Tally { tallies[policy] ?? Tally() }

    /// Answers that lacked a write of the reader's own, under all of them.
    package var misses: Int { tallies.values.reduce(0) { $0 + $1.misses } }

    /// One more.
    package mutating func add(_ report: RoutedReport) {
        if !policies.contains(report.policy) {
            policies.append(report.policy)
            // Which of two answers arrived first is not to be seen.
            policies.sort { $0.rank < $1.rank }
        }
        var tally = self[report.policy]
        tally.reads += 1
        if let missing = report.missing {
            tally.stale += 1
            if missing.isOwn { tally.misses += 1 }
        }
        if report.isPrimary { tally.primary += 1 }
        if report.waited > .zero { tally.waits += 1 }
        tally.longestWait = max(tally.longestWait, report.waited)
        tallies[report.policy] = tally
    }
}

extension ReadPolicy {
    /// Its place in a table.
    fileprivate var rank: (kind: Int, length: Duration, name: String) {
        switch self {
        case .any: (0, .zero, "")
        case .primary: (1, .zero, "")
        case .sticky(let length): (2, length, "")
        case .token(let wait): (3, wait, "")
        case .node(let name): (4, .nanoseconds(name.utf8.count), name)
        }
    }
}
