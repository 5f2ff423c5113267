import LabClock
import Network
import Replication

// A failover from end to end, by a policy: the chapter's steps 1 to 4.
extension Lab {
    /// Acts on the monitor's verdict, or waits until it must have one.
    /// - Throws: `.failover`: nobody watches the primary, or nobody could be promoted.
    package func failOver() throws(LabFailure) -> FailoverReport {
        let old = try onLoop { cluster throws(LabFailure) in
            guard cluster.monitor.watch != nil else { throw .failover(.noMonitor) }
            try cluster.checkCandidates()
            return cluster.primary.name
        }
        guard try isDeclaredDead() else {
            return FailoverReport(old: old, acts: [], promotion: nil)
        }
        return try failOver(from: old, by: .auto, [.init(at: now, kind: .declaredDead(old))])
    }

    /// Kills the primary and does all the rest, with a monitor and clients of the policy's where
    /// there are none, until the last client is back.
    /// - Throws: `.failover`: the primary does not run, nobody could be promoted, or the monitor
    ///   that is there has other terms.
    package func drill(_ policy: FailoverPolicy) throws(LabFailure) -> FailoverReport {
        guard let drill = policy.drill else { return try failOver() }
        let (seed, began) = (seed, now)
        let old = try onLoop { cluster throws(LabFailure) in
            try cluster.begin(drill)
            return cluster.primary.name
        }
        // The phase of its death among the checks is the seed's.
        var draws = SeededDraws(seed: seed ^ UInt64(bitPattern: began.nanoseconds))
        let interval = drill.detection.interval
        let phase = draws.number(below: Int(interval.wholeNanoseconds / 1_000_000))
        try pass(interval * 3 + .milliseconds(phase))
        _ = try crash(old, deliversWire: false)
        var acts = [FailoverReport.Act(at: now, kind: .killed(old))]
        guard try isDeclaredDead() else {
            throw .tookTooLong(what: "the monitor's verdict", bound: Self.patience)
        }
        acts.append(.init(at: now, kind: .declaredDead(old)))
        let report = try failOver(from: old, by: policy, acts)
        let end = run(within: Self.longestReturn) { $0.failovers.last?.ended != nil }
        guard end != .interrupted else { throw .interrupted }
        return report
    }

    /// So long a drill waits for clients.
    private static let longestReturn = Duration.seconds(3_600)

    private func failOver(
        from old: String, by policy: FailoverPolicy, _ before: [FailoverReport.Act]
    ) throws(LabFailure) -> FailoverReport {
        var acts = before
        try pass(policy.alert + policy.fencing)
        let wasDown = try powerOff(old)
        acts.append(.init(at: now, kind: .fenced(old, wasDown: wasDown)))
        try pass(policy.promoting)
        let candidates = look().standing.candidates
        guard let best = candidates.min(by: { ($0.cost ?? .max) < ($1.cost ?? .max) }) else {
            throw .failover(.noCandidate(old))
        }
        let promotion = try promote(best.name, repointsRoute: false)
        let others = candidates.map(\.name).filter { $0 != best.name }
        acts.append(
            .init(at: now, kind: .promoted(best.name, cost: best.cost, others: others)))
        try pass(policy.repointing)
        onLoop { cluster in cluster.repointRoute(to: best.name) }
        settle()
        acts.append(.init(at: now, kind: .repointed(best.name)))
        return FailoverReport(old: old, acts: acts, promotion: promotion)
    }

    /// Fences a node for good, whatever became of it: power always works. Says whether it was down.
    private func powerOff(_ node: String) throws(LabFailure) -> Bool {
        let isUp = try onLoop { cluster throws(LabFailure) in
            try cluster.node(node).process != nil
        }
        if isUp { _ = try crash(node, deliversWire: false) }
        onLoop { cluster in
            let now = cluster.now
            cluster.watchFailovers { $0.fenced(node, by: "power", at: now) }
        }
        return !isUp
    }

    private func pass(_ duration: Duration) throws(LabFailure) {
        guard duration > .zero else { return }
        guard wait(duration) else { throw .interrupted }
    }

    /// Waits as long as the monitor needs to find out about a primary that is dead now.
    private func isDeclaredDead() throws(LabFailure) -> Bool {
        let bound = onLoop { cluster in
            cluster.monitor.watch.map {
                $0.detector.terms.interval * ($0.detector.terms.misses + 1)
                    + $0.detector.terms.timeout
            } ?? .zero
        }
        let end = run(within: bound) { $0.monitor.watch?.detector.verdict.isDeath ?? true }
        guard end != .interrupted else { throw .interrupted }
        return end == .reached
    }
}

extension Cluster {
    fileprivate func checkCandidates() throws(LabFailure) {
        guard !standing.candidates.isEmpty else {
            throw .failover(.noCandidate(primary.name))
        }
    }

    /// What a drill needs is there from now on, or nothing has changed.
    fileprivate func begin(_ drill: FailoverPolicy.Drill) throws(LabFailure) {
        let node = primary
        guard node.process != nil, !node.isFrozen else {
            throw .failover(.isNotRunning(node.name))
        }
        try checkCandidates()
        if let watch = monitor.watch, watch.detector.terms != drill.detection {
            throw .failover(.otherMonitor(watch.node.name))
        }
        if fleet.count == 0 {
            let kind = fleet.isRouteChosen ? route.kind : drill.route
            try beginClients(
                FailoverPolicy.Drill.clientCount, drill.clients, by: route.becoming(kind))
        }
        if monitor.watch == nil { try watchPrimary(drill.detection) }
    }
}

extension FailureDetector.Verdict {
    fileprivate var isDeath: Bool {
        switch self {
        case .alive: false
        case .dead: true
        }
    }
}
