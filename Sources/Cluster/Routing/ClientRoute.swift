package import LabClock

/// What stands between an application's clients and the primary, and where it leads: step 4 of the
/// chapter's failover is to repoint it. Pure.
///
/// - Repointing takes no time by itself. Who learns of it when is each client's affair
///   (``RoutedClient``): the trap of the chapter is there, not here.
package struct ClientRoute: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// A name. Whoever has looked it up believes the answer for `ttl`.
        case dns(ttl: Duration)
        /// A virtual address, which its new owner takes over by gratuitous ARP.
        case vip
        /// A proxy that keeps its clients' connections and has its own to the primary, as PgBouncer
        /// does.
        case pooler
    }

    package let kind: Kind
    /// The node that it leads to.
    package private(set) var target: String
    /// How often it was repointed.
    package private(set) var changeCount = 0
    /// When it was last repointed; nil: never.
    package private(set) var changedAt: LabInstant?

    package init(_ kind: Kind, to target: String) {
        self.kind = kind
        self.target = target
    }

    /// What a lab has before anything is said: a name, and answers that are kept for 30 s.
    package static func usual(to target: String) -> ClientRoute {
        ClientRoute(.dns(ttl: .seconds(30)), to: target)
    }

    /// It leads to another node from now on; says whether it did not before.
    package mutating func repoint(to node: String, at now: LabInstant) -> Bool {
        guard node != target else { return false }
        target = node
        changeCount += 1
        changedAt = now
        return true
    }

    /// Another kind of route to the same node.
    package func becoming(_ kind: Kind) -> ClientRoute { ClientRoute(kind, to: target) }
}
