import DatabaseNode
package import WALFormat

/// What a promotion would do, said before it is made: of the truth alone, so that saying it changes
/// nothing.
///
/// - Its cost is that of `Standing.candidates`, which `PromotionCost` holds against the act.
package struct PromotionOutlook: Hashable, Sendable {
    package let node: String
    /// Commits of the present primary that it lacks; nil: that is not known.
    package let cost: Int?
    /// Its log has left the present primary's.
    package let hasParted: Bool
    /// Where the new timeline would begin: the end of what has come to it.
    package let fork: LSN
    /// The timeline that it would leave there.
    package let timeline: Timeline
    /// Who would go on behind it, in the lab's order.
    package let followers: [String]
    /// Who could not, and where the log of each ends: past the fork, or on another lineage.
    package let strays: [Stray]

    /// A node that could not follow.
    package struct Stray: Hashable, Sendable {
        package let name: String
        package let end: LSN
    }
}

extension Standing {
    /// What each promotion would do that can be made now, in the lab's order.
    package var outlooks: [PromotionOutlook] { candidates.compactMap(outlook) }

    private func outlook(_ candidate: Candidate) -> PromotionOutlook? {
        guard let node = snapshot[candidate.name], let log = node.has?.log,
            let positions = node.positions
        else { return nil }
        let fork = max(log.end, positions.write)
        var followers: [String] = []
        var strays: [PromotionOutlook.Stray] = []
        for other in self.followers where other.name != node.name && other.isRunning {
            guard let own = other.has?.log else { continue }
            if own.end <= fork, log.lineage.includes(own.endPosition) {
                followers.append(other.name)
            } else {
                strays.append(PromotionOutlook.Stray(name: other.name, end: own.end))
            }
        }
        return PromotionOutlook(
            node: node.name, cost: candidate.cost, hasParted: candidate.hasParted, fork: fork,
            timeline: log.lineage.current, followers: followers, strays: strays)
    }
}
