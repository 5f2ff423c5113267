internal import Cluster
internal import CommandLanguage
internal import LabClock

/// A drill held against the chapter: "Detection (3-5 s) + fencing (2-10 s) + promotion (1-2 s) +
/// DNS propagation (30 s to minutes) + pool reconnect (seconds to tens of seconds). Well-tuned:
/// 10-30 seconds. Poorly tuned: 5-10 minutes."
struct ChapterBudget {
    let budget: FailoverBudget
    let route: ClientRoute.Kind
    let claim: ClosedRange<Int>
    let took: Duration

    /// The chapter's part for a phase, in seconds; an open end is "minutes", or "tens".
    private struct Part {
        let words: String
        let least: Int
        let most: Int?
    }

    private func part(_ phase: FailoverBudget.Phase) -> Part {
        switch phase {
        case .detect: Part(words: "3 to 5s", least: 3, most: 5)
        case .fence: Part(words: "2 to 10s", least: 2, most: 10)
        case .promote: Part(words: "1 to 2s", least: 1, most: 2)
        case .repoint:
            isByName
                ? Part(words: "DNS: 30s to minutes", least: 30, most: nil)
                : Part(words: "no DNS: nothing", least: 0, most: 0)
        case .reconnect: Part(words: "seconds to tens of seconds", least: 1, most: 99)
        }
    }

    private var isByName: Bool {
        switch route {
        case .dns: true
        case .vip, .pooler: false
        }
    }

    var lines: [String] {
        var table = TextTable([
            .text("phase"), .number("took"), .text("the chapter's part"), .text(""),
        ])
        for span in budget.spans {
            guard let to = span.to else { continue }
            let (length, part) = (to.since(span.from), part(span.phase))
            table.append([
                span.phase.rawValue, length.text, part.words, verdict(length, part),
            ])
        }
        table.append(["in all", took.text, claimWords, claimVerdict])
        return table.lines + sum
    }

    private func verdict(_ length: Duration, _ part: Part) -> String {
        if length < .seconds(part.least) { return "less" }
        return part.most.map { length > .seconds($0) } ?? false ? "more" : "as it says"
    }

    private var claimWords: String {
        claim.upperBound < 60
            ? "\(claim.lowerBound) to \(claim.upperBound)s, well tuned"
            : "\(claim.lowerBound / 60) to \(claim.upperBound / 60)min, poorly tuned"
    }

    private var holds: Bool {
        took >= .seconds(claim.lowerBound) && took <= .seconds(claim.upperBound)
    }

    private var claimVerdict: String {
        if holds { return "it holds" }
        return took > .seconds(claim.upperBound) ? "it fails" : "better than that"
    }

    /// The chapter's own least parts, added up, where they are more than its sum.
    private var sum: [String] {
        let least = FailoverBudget.Phase.allCases.map { part($0).least }
        let total = least.reduce(0, +)
        guard total > claim.upperBound else { return [] }
        return [
            "the chapter's own parts are \(least.map { "\($0)" }.joined(separator: " + ")) = "
                + "\(total)s at least: \(claim.lowerBound) to \(claim.upperBound)s",
            "can only be kept without a name that is cached: a vip, or a pooler",
        ]
    }
}
