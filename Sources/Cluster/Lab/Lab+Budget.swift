import LabClock

// What a failover takes, seen by whoever is in it.
extension Lab {
    /// The budget of the last failover; nil: there was none.
    package var failoverBudget: FailoverBudget? { onLoop { cluster in cluster.failovers.last } }
}

extension Cluster {
    /// Something has happened that a failover's budget may count; when that was the end of it,
    /// it is told.
    func note(_ event: FailoverBudget.Event) {
        let now = now
        guard watchFailovers({ $0.note(event, at: now) }), event != .left,
            let budget = failovers.last,
            let node = budget.new, budget.clientCount > 0
        else { return }
        tell(.allBack(count: budget.clientCount, node: node, after: now.since(budget.began)))
    }

    /// A node does not answer any more: it is down, or does not get a turn.
    func noteSilence(of name: String) {
        let now = now
        if name == primary.name { watchFailovers { $0.died(name, at: now) } }
    }

    /// A node has taken another's place; who is to be asked for writes is another thing.
    func notePromotion(of name: String, over old: Node) {
        let (now, left) = (now, timeline(of: old))
        let clients = Set(0..<fleet.count)
        watchFailovers {
            $0.promoted(name, over: old.name, on: left, clients: clients, at: now)
        }
    }

    /// The route leads to the present primary from now on.
    func repointRoute(to name: String) {
        fleet.repoint(to: name)
        note(.repointed)
    }
}
