package import LabClock

/// What a failover by a policy did.
package struct FailoverReport: Hashable, Sendable {
    /// One thing that was done, when.
    package struct Act: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// A drill has cut the primary's power.
            case killed(String)
            case declaredDead(String)
            /// Its power is off now; or it was down before, and cannot come back by itself.
            case fenced(String, wasDown: Bool)
            /// The one that loses least, and what it was said to lose; nil: nobody knew.
            case promoted(String, cost: Int?, others: [String])
            case repointed(String)
        }

        package let at: LabInstant
        package let kind: Kind
    }

    /// The node that was the primary.
    package let old: String
    package let acts: [Act]
    /// What the promotion cost; nil: the primary answered, and nothing was done.
    package let promotion: PromotionReport?
}

/// Why there is no failover.
package enum FailoverFailure: Hashable, Sendable {
    /// Nobody watches the primary.
    case noMonitor
    /// No replica could be promoted in its place.
    case noCandidate(String)
    /// A drill kills a primary that runs, and this one does not.
    case isNotRunning(String)
    /// A monitor with other terms than the drill's is there.
    case otherMonitor(String)
}
