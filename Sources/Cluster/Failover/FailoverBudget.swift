package import LabClock
package import WALFormat

/// What a failover took, phase by phase, and what clients met meanwhile. Pure: made from what
/// happened, in the order of its happening.
///
/// - A phase begins where the one before it ended; one of which nothing was seen took nothing, and
///   what was met before the next belongs to that.
/// - It begins with the primary's death where somebody knows of it, else with the last answer that
///   the monitor had, else with the promotion.
/// - *repoint* goes on until the last client has been told where the primary is, *reconnect* until
///   the last one was told OK there.
package struct FailoverBudget: Hashable, Sendable {
    package enum Phase: String, CaseIterable, Hashable, Sendable {
        case detect, fence, promote, repoint, reconnect
    }

    /// What happens in a failover.
    package enum Event: Hashable, Sendable {
        case declaredDead(lastAnswer: LabInstant)
        /// It can write no more, for sure.
        case fenced(by: String)
        /// So many clients are there, by their numbers, and have to find the new primary.
        case promoted(String, clients: Set<Int>, leaving: Timeline)
        case repointed
        /// A client was told where the primary is.
        case told(Int)
        /// A client has its answer from a node.
        case ended(Int, at: String, RoutedClient.Outcome)
        /// Clients leave.
        case left
    }

    /// How it began.
    package enum Beginning: Hashable, Sendable {
        case death
        case lastAnswer
        case promotion
    }

    /// What clients met in a phase.
    package struct Cost: Hashable, Sendable {
        package private(set) var errors = 0
        package private(set) var zombies = 0

        mutating func add(_ outcome: RoutedClient.Outcome) {
            switch outcome {
            case .ok(let isZombie): zombies += isZombie ? 1 : 0
            case .failed, .unknown: errors += 1
            }
        }
    }

    /// One phase, from when to when.
    package struct Span: Hashable, Sendable {
        package let phase: Phase
        package let from: LabInstant
        /// Nil: it goes on.
        package let to: LabInstant?
        package let cost: Cost
    }

    /// The old primary.
    package let old: String
    package private(set) var new: String?
    package private(set) var began: LabInstant
    package private(set) var beginning: Beginning
    /// By what the old primary was fenced.
    package private(set) var fencedBy: String?
    /// On which the old primary was.
    package private(set) var oldTimeline: Timeline?
    /// How many clients were there.
    package private(set) var clientCount = 0
    /// The phases that have ended, in order.
    private var closed: [Span] = []
    /// Of the phase that goes on.
    private var cost = Cost()
    /// Clients that have not been told, and those that have had no OK since.
    private var untold: Set<Int> = []
    private var away: Set<Int> = []
    private var isRepointed = false

    /// Begins with what is known of a node first.
    package init(of old: String, at now: LabInstant, _ beginning: Beginning) {
        self.old = old
        began = now
        self.beginning = beginning
    }
}

extension FailoverBudget {
    /// All phases of which anything was seen, in order; the last may go on.
    package var spans: [Span] {
        guard let phase = openPhase else { return closed }
        return closed + [Span(phase: phase, from: start, to: nil, cost: cost)]
    }

    /// When it was over; nil: it is not.
    package var ended: LabInstant? { openPhase == nil ? closed.last?.to : nil }

    /// Clients that have had no OK of the new primary yet.
    package var awayCount: Int { away.count }

    /// In which phase an instant lies; nil: before all of them. What happens at the instant at
    /// which one ends happened before its end.
    package func phase(at instant: LabInstant) -> Phase? {
        guard instant > began else { return nil }
        return (spans.first { $0.to.map { instant <= $0 } ?? true } ?? spans.last)?.phase
    }

    /// What goes on now: of phases before a promotion, the first that is still to end.
    private var openPhase: Phase? {
        switch closed.last?.phase {
        case nil: .detect
        case .detect?: .fence
        case .fence?: .promote
        case .promote?: .repoint
        case .repoint?: .reconnect
        case .reconnect?: nil
        }
    }

    private var start: LabInstant { closed.last?.to ?? began }

    private mutating func close(_ phase: Phase, at now: LabInstant) {
        closed.append(Span(phase: phase, from: start, to: now, cost: cost))
        cost = Cost()
    }

    private func isBehind(_ phase: Phase) -> Bool {
        closed.last.map { $0.phase.place < phase.place } ?? true
    }
}

// What happens.
extension FailoverBudget {
    package mutating func note(_ event: Event, at now: LabInstant) {
        switch event {
        case .declaredDead(let lastAnswer):
            if beginning == .promotion { (began, beginning) = (lastAnswer, .lastAnswer) }
            if isBehind(.detect) { close(.detect, at: now) }
        case .fenced(let means):
            guard isBehind(.fence) else { return }
            fencedBy = means
            close(.fence, at: now)
        case .promoted(let node, let clients, let timeline):
            guard new == nil else { return }
            (new, oldTimeline) = (node, timeline)
            (clientCount, untold, away) = (clients.count, clients, clients)
            close(.promote, at: now)
        case .repointed:
            isRepointed = true
            passOn(at: now)
        case .told(let client):
            untold.remove(client)
            passOn(at: now)
        case .ended(let client, let node, let outcome):
            guard openPhase != nil else { return }
            cost.add(outcome)
            if case .ok = outcome, node == new {
                // Who is told OK there knows where it is.
                untold.remove(client)
                away.remove(client)
                passOn(at: now)
            }
        case .left:
            (untold, away) = ([], [])
            passOn(at: now)
        }
    }

    /// Ends what has come to its end.
    private mutating func passOn(at now: LabInstant) {
        guard isRepointed, new != nil else { return }
        if closed.last?.phase == .promote, untold.isEmpty { close(.repoint, at: now) }
        if closed.last?.phase == .repoint, away.isEmpty { close(.reconnect, at: now) }
    }
}

extension FailoverBudget.Phase {
    fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
