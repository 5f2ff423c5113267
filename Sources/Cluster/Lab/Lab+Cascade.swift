import DatabaseNode
import LabClock
import Replication
import WALFormat

// Who follows whom.
extension Lab {
    /// Makes a replica stream from another node, at once: from a primary, or from a replica that
    /// passes on what it has made durable itself. PostgreSQL: `primary_conninfo`.
    package func follow(_ replica: String, _ upstream: String) throws(LabFailure) -> FollowReport {
        if replica == postgresName { return try followPostgres(upstream) }
        let old = try onLoop { cluster throws(LabFailure) in
            let old = try cluster.checkCanFollow(replica, upstream)
            cluster.forgetRefusal(of: replica)
            try cluster.repoint(cluster.member(replica), to: upstream)
            return old
        }
        settle()
        return try onLoop { cluster throws(LabFailure) in
            FollowReport(
                replica: replica, oldUpstream: old, upstream: upstream,
                fate: try cluster.member(replica).fate(under: cluster.node(up: upstream)))
        }
    }
}

extension Cluster {
    /// Refuses a chain that would come back to its beginning; gives the present upstream.
    fileprivate func checkCanFollow(
        _ replica: String, _ upstream: String
    ) throws(LabFailure) -> String {
        _ = try standby(replica)
        _ = try node(upstream)
        guard let old = try node(replica).role.upstream else { throw .isPrimary(replica) }
        let chain = self.chain(from: upstream)
        if let index = chain.firstIndex(of: replica) {
            throw .wouldFollowItself(replica, through: Array(chain[..<index]))
        }
        guard old != upstream else { throw .followsAlready(replica, upstream: upstream) }
        // A replica may yet get to a timeline that its followers can go on with; a primary stays.
        if node(up: upstream)?.isInRecovery == false,
            let refusal = try refusal(of: replica, by: upstream)
        {
            throw .cannotFollow(replica, upstream: upstream, refusal)
        }
        return old
    }

    /// Why a replica can never follow an upstream, by their logs; nil when it can, or when the
    /// upstream is down: then nobody knows what it will have.
    func refusal(of replica: String, by upstream: String) throws(LabFailure) -> WALReceiver.Refusal?
    {
        guard let theirs = node(up: upstream)?.logExtent.lineage else { return nil }
        return try process(of: replica).logExtent.refusal(by: theirs)
    }

    /// A node, its upstream, that one's upstream, and on to the primary.
    func chain(from name: String) -> [String] {
        var chain = [name]
        while case .standby(let upstream)? = nodes.first(where: { $0.name == chain.last })?.role,
            !chain.contains(upstream)
        {
            chain.append(upstream)
        }
        return chain
    }
}

extension LogExtent {
    /// Why a node with this log can never follow one of a lineage; nil when it can.
    func refusal(by theirs: Lineage) -> WALReceiver.Refusal? {
        guard !theirs.includes(endPosition) else { return nil }
        let timeline = endPosition.timeline
        guard let fork = theirs.end(of: timeline) else {
            return .notAnAncestor(own: timeline, upstream: theirs.current)
        }
        return .diverged(own: end, timeline: timeline, fork: fork, upstream: theirs.current)
    }
}

extension [String: String] {
    /// How many upstreams a node has, one behind the other, when this says who follows whom.
    func depth(of name: String) -> Int {
        var depth = 0
        var next = name
        while let upstream = self[next], depth <= count {
            depth += 1
            next = upstream
        }
        return depth
    }
}
