/// What came of running a session.
package enum Verdict: Hashable, Sendable {
    /// All runs said the same, and no judge objected.
    case passed
    /// A judge found something wrong; each line names the invariant first.
    case breach([String])
    /// Two runs printed different bytes: where, and what.
    case differs([String])
    /// A signal ended the process: a trap.
    case trapped(signal: Int32, lastOutput: [String])
    /// No answer within the bound.
    case hung(seconds: Int)
    /// The process ended by itself.
    case ended(status: Int32, lastOutput: [String])

    /// In short, for a heading.
    package var title: String {
        switch self {
        case .passed: "passed"
        case .breach(let lines): "breach of \(Self.invariant(lines))"
        case .differs: "two runs, different bytes"
        case .trapped(let signal, _): "exit \(128 + signal): signal \(signal) ended the process"
        case .hung(let seconds): "no answer within \(seconds) s"
        case .ended(let status, _): "the process ended with status \(status)"
        }
    }

    /// What is known about it beside the title.
    package var evidence: [String] {
        switch self {
        case .passed, .hung: []
        case .breach(let lines), .differs(let lines): lines
        case .trapped(_, let lines), .ended(_, let lines): lines
        }
    }

    /// Whether two failures are one kind, so that one may stand for the other.
    package func isLike(_ other: Verdict) -> Bool {
        switch (self, other) {
        case (.passed, .passed), (.differs, .differs), (.hung, .hung), (.ended, .ended): true
        case (.breach(let own), .breach(let others)):
            Self.invariant(own) == Self.invariant(others)
        case (.trapped(let own, _), .trapped(let others, _)): own == others
        case (.passed, _), (.breach, _), (.differs, _), (.trapped, _), (.hung, _), (.ended, _):
            false
        }
    }

    private static func invariant(_ lines: [String]) -> String {
        String(lines.first?.prefix { $0 != ":" } ?? "")
    }
}
