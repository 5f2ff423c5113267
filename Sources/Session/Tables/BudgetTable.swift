internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// A failover's phases as bars on one time line, and what clients met in each.
struct BudgetTable {
    let budget: FailoverBudget
    /// What it cost: commits of the old primary that the new one does not have.
    let lost: [LostRecord]
    let now: LabInstant

    private static let width = 30

    init(_ budget: FailoverBudget, _ loss: LossReport?, now: LabInstant) {
        self.budget = budget
        self.now = now
        lost = (loss?.lost ?? []).filter {
            $0.node == budget.old && $0.timeline == budget.oldTimeline
        }
    }

    /// The same of a lab's last failover; nil: there was none.
    init?(_ lab: Lab) {
        guard let budget = lab.failoverBudget else { return nil }
        self.init(budget, try? lab.lost(), now: lab.now)
    }

    var took: Duration { (budget.ended ?? now).since(budget.began) }

    var lines: [String] { [title] + table.lines + remarks }

    private var title: String {
        let since =
            switch budget.beginning {
            case .death: "\(budget.old) was gone at \(budget.began.text)"
            case .lastAnswer: "\(budget.old)'s last answer was at \(budget.began.text)"
            case .promotion: "nobody had missed \(budget.old) before"
            }
        let soFar = budget.ended == nil ? " so far" : ""
        let new = budget.new ?? "nobody"
        return "failover from \(budget.old) to \(new): \(took.text)\(soFar); \(since)"
    }

    /// What it waits for.
    private var rest: [String] {
        guard budget.ended == nil, let new = budget.new else { return [] }
        guard budget.clientCount > 0 else { return ["the route leads to \(budget.old)"] }
        return [
            "\(budget.awayCount) of \(CountText.of(budget.clientCount, "client")) "
                + "\(Words.verb(budget.awayCount, "has", "have")) not been told OK by \(new) yet"
        ]
    }

    private var table: TextTable {
        var table = TextTable([
            .text("phase"), .number("took"), .text(""), .number("errors"), .number("zombies"),
            .number("lost"),
        ])
        let before = lostCount(nil)
        if before > 0 { table.append(["before", "-", "", "-", "-", String(before)]) }
        for phase in FailoverBudget.Phase.allCases {
            guard let span = budget.spans.first(where: { $0.phase == phase }) else {
                table.append([phase.rawValue, "-", "", "-", "-", "-"])
                continue
            }
            let length = (span.to ?? now).since(span.from)
            table.append([
                phase.rawValue, length.text, bar(span), String(span.cost.errors),
                String(span.cost.zombies), String(lostCount(phase)),
            ])
        }
        return table
    }

    private func lostCount(_ phase: FailoverBudget.Phase?) -> Int {
        Set(lost.filter { budget.phase(at: $0.acknowledgedAt) == phase }.map(\.lsn)).count
    }

    /// From the phase's place on the line to its end; what takes no time is a stroke.
    private func bar(_ span: FailoverBudget.Span) -> String {
        let end = span.to ?? now
        let from = place(span.from)
        guard end > span.from else {
            return String(repeating: " ", count: min(from, Self.width - 1)) + "|"
        }
        let to = max(from + 1, place(end))
        return String(repeating: " ", count: min(from, to - 1))
            + String(repeating: "█", count: to - from)
    }

    private func place(_ instant: LabInstant) -> Int {
        let (part, whole) = (instant.since(budget.began), took)
        guard whole > .zero else { return 0 }
        return min(Self.width, Int((part * Self.width + whole / 2) / whole))
    }

    private var remarks: [String] {
        guard budget.spans.contains(where: { $0.cost.zombies > 0 }) else { return rest }
        return rest + ["zombies: \(budget.old) told OK, and was no primary any more"]
    }

    /// The members of the answer.
    var json: JSONValue {
        [
            "old": .string(budget.old), "new": .optional(budget.new),
            "began": budget.began.json, "ended": budget.ended?.json ?? .null,
            "took_ms": took.jsonMilliseconds, "clients": .int(budget.clientCount),
            "away": .int(budget.awayCount), "lost_before": .int(lostCount(nil)),
            "phases": .array(
                budget.spans.map { span in
                    [
                        "phase": .string(span.phase.rawValue), "from": span.from.json,
                        "to": span.to?.json ?? .null, "errors": .int(span.cost.errors),
                        "zombies": .int(span.cost.zombies), "lost": .int(lostCount(span.phase)),
                    ]
                }),
        ]
    }
}
