import Cluster
import LabClock
import Testing
import WALFormat

/// The phases of a failover, from what happened in it.
struct FailoverBudgetTests {
    private static func at(_ milliseconds: Int64) -> LabInstant {
        LabInstant(nanoseconds: milliseconds * 1_000_000)
    }

    /// One line a phase: when it began and ended, errors and zombies.
    private func lines(_ budget: FailoverBudget) -> [String] {
        budget.spans.map { span in
            let to = span.to.map { "\($0.nanoseconds / 1_000_000)" } ?? "..."
            return "\(span.phase) \(span.from.nanoseconds / 1_000_000)-\(to)"
                + " \(span.cost.errors) \(span.cost.zombies)"
        }
    }

    @Test func `each phase begins where the one before it ended, and has what clients met in it`() {
        var budget = FailoverBudget(of: "p", at: Self.at(1000), .death)
        budget.note(.ended(1, at: "p", .failed(.refused)), at: Self.at(1500))
        budget.note(.declaredDead(lastAnswer: Self.at(900)), at: Self.at(4000))
        budget.note(.ended(1, at: "p", .unknown(.lost)), at: Self.at(4500))
        budget.note(.fenced(by: "power"), at: Self.at(6000))
        budget.note(.promoted("r1", clients: [1, 2], leaving: .first), at: Self.at(7000))
        budget.note(.repointed, at: Self.at(7500))
        budget.note(.told(2), at: Self.at(7600))
        budget.note(.ended(2, at: "r1", .ok(isZombie: false)), at: Self.at(7700))
        budget.note(.ended(1, at: "p", .ok(isZombie: true)), at: Self.at(8000))
        #expect(budget.ended == nil)
        #expect(budget.awayCount == 1)
        budget.note(.told(1), at: Self.at(9000))
        budget.note(.ended(1, at: "r1", .failed(.reset)), at: Self.at(9000))
        budget.note(.ended(1, at: "r1", .ok(isZombie: false)), at: Self.at(9500))
        #expect(
            lines(budget) == [
                "detect 1000-4000 1 0", "fence 4000-6000 1 0", "promote 6000-7000 0 0",
                "repoint 7000-9000 0 1", "reconnect 9000-9500 1 0",
            ])
        #expect(budget.ended == Self.at(9500))
        budget.note(.ended(1, at: "r1", .failed(.reset)), at: Self.at(9900))
        #expect(budget.spans.last?.cost.errors == 1)
    }

    @Test func `of a promotion out of hand there is nothing to detect and nobody to fence`() {
        var budget = FailoverBudget(of: "p", at: Self.at(2000), .promotion)
        budget.note(.promoted("r1", clients: [1], leaving: .first), at: Self.at(2000))
        budget.note(.repointed, at: Self.at(2000))
        #expect(lines(budget) == ["promote 2000-2000 0 0", "repoint 2000-... 0 0"])
        #expect(budget.phase(at: Self.at(2000)) == nil)
        #expect(budget.phase(at: Self.at(2500)) == .repoint)
    }

    @Test func `without clients it is over when the route leads to the new primary`() {
        var budget = FailoverBudget(of: "p", at: Self.at(0), .death)
        budget.note(.promoted("r1", clients: [], leaving: .first), at: Self.at(10))
        #expect(budget.ended == nil)
        budget.note(.repointed, at: Self.at(30))
        #expect(budget.ended == Self.at(30))
        #expect(
            lines(budget) == [
                "promote 0-10 0 0", "repoint 10-30 0 0", "reconnect 30-30 0 0",
            ])
    }

    @Test func `who leaves is not waited for`() {
        var budget = FailoverBudget(of: "p", at: Self.at(0), .death)
        budget.note(.promoted("r1", clients: [1, 2], leaving: .first), at: Self.at(10))
        budget.note(.repointed, at: Self.at(10))
        budget.note(.left, at: Self.at(20))
        #expect(budget.ended == Self.at(20))
    }

    @Test func `a node that is fenced after the promotion is fenced too late for a phase`() {
        var budget = FailoverBudget(of: "p", at: Self.at(0), .death)
        budget.note(.promoted("r1", clients: [1], leaving: .first), at: Self.at(10))
        budget.note(.fenced(by: "power"), at: Self.at(20))
        #expect(budget.fencedBy == nil)
        #expect(budget.spans.map(\.phase) == [.promote, .repoint])
    }
}
