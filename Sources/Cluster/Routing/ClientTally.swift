/// What an application's clients were told, counted by the node they were sent to.
package struct ClientTally: Hashable, Sendable {
    /// Of one node.
    package struct Counts: Hashable, Sendable {
        package private(set) var ok = 0
        /// Of these, by a node that was not the primary any more.
        package private(set) var zombies = 0
        /// Not executed.
        package private(set) var failed = 0
        /// Nobody has told.
        package private(set) var unknown = 0

        package init() {}

        package var errors: Int { failed + unknown }

        mutating func add(_ outcome: RoutedClient.Outcome) {
            switch outcome {
            case .ok(let isZombie):
                ok += 1
                if isZombie { zombies += 1 }
            case .failed: failed += 1
            case .unknown: unknown += 1
            }
        }
    }

    /// What went wrong where.
    package struct Reason: Hashable, Sendable {
        package let node: String
        package let trouble: RoutedClient.Trouble
        package let isUnknown: Bool
    }

    /// All of them.
    package private(set) var total = Counts()
    package private(set) var byNode: [String: Counts] = [:]
    package private(set) var reasons: [Reason: Int] = [:]

    package init() {}

    package mutating func add(_ outcome: RoutedClient.Outcome, at node: String) {
        total.add(outcome)
        byNode[node, default: Counts()].add(outcome)
        switch outcome {
        case .ok: break
        case .failed(let trouble): count(Reason(node: node, trouble: trouble, isUnknown: false))
        case .unknown(let trouble): count(Reason(node: node, trouble: trouble, isUnknown: true))
        }
    }

    private mutating func count(_ reason: Reason) { reasons[reason, default: 0] += 1 }
}
