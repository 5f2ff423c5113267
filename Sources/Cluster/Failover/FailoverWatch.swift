import LabClock
import WALFormat

/// Watches for failovers, and keeps the budget of the last one. Pure.
///
/// - A primary that is back before anybody was promoted in its place had an outage, not a failover.
struct FailoverWatch: Hashable, Sendable {
    /// Of a primary in whose place nobody was promoted yet.
    private var pending: FailoverBudget?
    /// The last one in which somebody was.
    private(set) var last: FailoverBudget?

    /// The node is the primary, and does not run any more.
    mutating func died(_ node: String, at now: LabInstant) {
        if pending?.old == node, pending?.beginning == .death { return }
        pending = FailoverBudget(of: node, at: now, .death)
    }

    /// It runs again.
    mutating func returned(_ node: String) {
        if pending?.old == node { pending = nil }
    }

    /// The monitor has declared it dead.
    mutating func declaredDead(_ node: String, lastAnswer: LabInstant, at now: LabInstant) {
        if pending?.old != node {
            pending = FailoverBudget(of: node, at: lastAnswer, .lastAnswer)
        }
        pending?.note(.declaredDead(lastAnswer: lastAnswer), at: now)
    }

    /// It can write no more, for sure.
    mutating func fenced(_ node: String, by means: String, at now: LabInstant) {
        if pending?.old == node {
            pending?.note(.fenced(by: means), at: now)
        } else if last?.old == node {
            last?.note(.fenced(by: means), at: now)
        }
    }

    /// A node was promoted in another's place.
    mutating func promoted(
        _ node: String, over old: String, on timeline: Timeline, clients: Set<Int>,
        at now: LabInstant
    ) {
        var budget =
            pending.flatMap { $0.old == old ? $0 : nil }
            ?? FailoverBudget(of: old, at: now, .promotion)
        budget.note(.promoted(node, clients: clients, leaving: timeline), at: now)
        (pending, last) = (nil, budget)
    }

    /// Whatever else happens is the affair of the one that is under way; says whether that has
    /// come to its end with it.
    mutating func note(_ event: FailoverBudget.Event, at now: LabInstant) -> Bool {
        if pending != nil {
            pending?.note(event, at: now)
            return false
        }
        guard last != nil, last?.ended == nil else { return false }
        last?.note(event, at: now)
        return last?.ended != nil
    }
}
