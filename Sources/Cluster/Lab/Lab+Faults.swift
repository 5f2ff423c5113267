import DatabaseNode
import LabClock
package import Network
import Replication
import Storage
import WALFormat

// Wires.
extension Lab {
    /// Delays WAL on its way to a replica, from now on.
    package func setDelay(_ delay: Duration, of replica: String) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            try cluster.link(of: replica).setDelay(delay, .downstream)
        }
        settle()
    }

    /// Cuts a replica's wire both ways. Neither end is told.
    package func partition(_ replica: String) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            let link = try cluster.link(of: replica)
            guard !link.isCut else { throw .isCut(replica) }
            link.cut()
        }
        settle()
    }

    /// Lets so many more bytes through a replica's wire one way, and cuts it that way behind them.
    /// Neither end is told. The bytes of connections still to come count as well, so one can be
    /// cut in its handshake.
    package func partition(
        _ replica: String, _ way: WireWay, after byteCount: Int
    ) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            let link = try cluster.link(of: replica)
            guard !link.isCut else { throw .isCut(replica) }
            link.cut(way.ofLink, after: byteCount)
        }
        settle()
    }

    /// Takes a replica's wire down for some time, now, and then again and again if it says so.
    /// Neither end is told.
    package func partition(
        _ replica: String, for lasting: Duration, every: Duration?
    ) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            let link = try cluster.link(of: replica)
            guard !link.isCut else { throw .isCut(replica) }
            let outage = WireFaults.Outage(began: cluster.now, lasting: lasting, every: every)
            for way in [Link.Way.upstream, .downstream] {
                link.change(way) { $0.outage = outage }
            }
        }
        settle()
    }

    /// Changes what is wrong with a replica's wire, one way or both, from now on.
    package func changeFaults(
        of replica: String, _ ways: [WireWay],
        _ body: @escaping @Sendable (inout WireFaults, WireWay) -> Void
    ) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            let link = try cluster.link(of: replica)
            let member = try cluster.member(replica)
            guard member.isRunning else { throw .isDown(replica, member.state) }
            for way in ways { link.change(way.ofLink) { body(&$0, way) } }
        }
        settle()
    }

    /// Resets every connection over a replica's wire: both ends see it at once, and what was on the
    /// wire is lost.
    ///
    /// - Returns: what was lost, by way; nil: there was no connection.
    package func resetLink(of replica: String) throws(LabFailure) -> [WireWay: Int]? {
        let lost = try onLoop { cluster throws(LabFailure) in
            let link = try cluster.link(of: replica)
            guard link.connectionCount > 0 else { return nil as [WireWay: Int]? }
            let lost = WireWay.allCases.map { ($0, link.heldByteCount($0.ofLink)) }
            link.sever()
            return Dictionary(uniqueKeysWithValues: lost)
        }
        settle()
        return lost
    }

    /// Takes all faults off a replica's wire; what it held travels on. False: it had none.
    package func heal(_ replica: String) throws(LabFailure) -> Bool {
        let hadFaults = try onLoop { cluster throws(LabFailure) in
            try cluster.link(of: replica).takeFaultsOff()
        }
        settle()
        return hadFaults
    }

    /// Takes the faults off a replica's wire, drops its connection with what the wire held, and
    /// connects at once; runs the clock until the replica has what its upstream has now.
    package func reconnect(_ replica: String) throws(LabFailure) -> ReconnectReport {
        let began = try onLoop { cluster throws(LabFailure) in try cluster.hangUp(replica) }
        // Whoever connects before the upstream has heard of the end meets its own old connection.
        run { _ in .still }
        onLoop { cluster in cluster.node(up: replica)?.standby?.connect() }
        let end = run { cluster in cluster.isCaughtUp(began) || cluster.hasGivenUp(replica) }
        if end == .interrupted { throw .interrupted }
        let report = try report(on: began)
        if let refusal = report.refusal {
            onLoop { cluster in cluster.putBack(began) }
            settle()
            throw .refused(replica, upstream: report.upstream, refusal)
        }
        return report
    }

    private func report(on began: Cluster.Reconnection) throws(LabFailure) -> ReconnectReport {
        let replica = began.replica
        let now = try onLoop { cluster throws(LabFailure) in
            let standby = try cluster.standby(replica)
            return (
                flush: standby.receiver.flushLSN, redone: standby.replay.redoneRecords,
                repeated: standby.replay.repeatedRecords,
                commits: try cluster.process(of: replica).database.commitCount,
                resumption: standby.resumption, isCaughtUp: cluster.isCaughtUp(began),
                refusal: standby.lastRefusal, at: cluster.now
            )
        }
        let resumedAt = now.resumption?.lsn ?? began.flush
        return ReconnectReport(
            replica: replica, upstream: began.upstream, resumedAt: resumedAt,
            caughtUpAt: now.flush, byteCount: max(0, now.flush - resumedAt),
            commitCount: now.commits - began.commits, recordCount: now.redone - began.redone,
            appliedTwice: now.repeated - began.repeated, took: now.at.since(began.at),
            isCaughtUp: now.isCaughtUp, refusal: now.refusal)
    }
}

extension Link {
    /// Makes the wire whole and instant; says whether it was not.
    func takeFaultsOff() -> Bool {
        let hadFaults = faults(.downstream) != .none || faults(.upstream) != .none
        heal()
        for way in [Way.upstream, .downstream] { set(.none, way) }
        return hadFaults
    }
}

extension Cluster {
    /// A reconnect under way, and how things stood when it began.
    struct Reconnection: Sendable {
        let replica: String
        let upstream: String
        let flush: LSN
        let target: LSN
        let redone: Int
        let repeated: Int
        let commits: Int
        let at: LabInstant
        /// What was wrong with its link, by way.
        let faults: [Link.Way: WireFaults]
    }

    /// It has come to nothing: the link is as it was before.
    func putBack(_ began: Reconnection) {
        guard let link = try? link(of: began.replica) else { return }
        for (way, faults) in began.faults { link.set(faults, way) }
    }

    /// Drops a replica's connection with what its wire held, and takes the faults off the wire.
    func hangUp(_ name: String) throws(LabFailure) -> Reconnection {
        let standby = try standby(name)
        let link = try link(of: name)
        guard let upstreamName = try node(name).role.upstream else { throw .isPrimary(name) }
        let upstream = try node(upstreamName)
        guard let process = upstream.process else {
            throw .upstreamIsDown(replica: name, upstream: upstreamName, upstream.state)
        }
        guard link.isCut || !standby.receiver.isStreaming else { throw .isConnected(name) }
        if let refusal = try refusal(of: name, by: upstreamName) {
            throw .cannotFollow(name, upstream: upstreamName, refusal)
        }
        let began = Reconnection(
            replica: name, upstream: upstreamName, flush: standby.receiver.flushLSN,
            target: process.flushLSN, redone: standby.replay.redoneRecords,
            repeated: standby.replay.repeatedRecords,
            commits: try self.process(of: name).database.commitCount, at: now,
            faults: [.upstream: link.faults(.upstream), .downstream: link.faults(.downstream)])
        forgetRefusal(of: name)
        standby.hangUp()
        link.sever()
        _ = link.takeFaultsOff()
        return began
    }

    func isCaughtUp(_ began: Reconnection) -> Bool {
        guard let standby = node(up: began.replica)?.standby else { return false }
        return standby.receiver.isStreaming && standby.isSettled
            && standby.receiver.flushLSN >= began.target
    }

    /// Whether a replica will not get any further by itself for now.
    func hasGivenUp(_ name: String) -> Bool {
        guard let standby = node(up: name)?.standby else { return true }
        return standby.receiver.retryAt != nil
    }

    func node(up name: String) -> NodeProcess? {
        nodes.first { $0.name == name }?.process
    }
}

// Nodes.
extension Lab {
    /// Shuts a node down cleanly: a primary waits until its replicas have confirmed everything, at
    /// the most `patience`.
    package func stop(_ node: String) throws(LabFailure) -> StopReport {
        let began = try onLoop { cluster throws(LabFailure) in
            let process = try cluster.process(of: node)
            let replicas = process.sentPositions.keys.sorted()
            process.beginStop()
            return (replicas: replicas, at: cluster.now)
        }
        // Not drained within that time, or ^C: it goes down all the same.
        _ = run { cluster in cluster.node(up: node)?.isDrained ?? true }
        let report = try onLoop { cluster throws(LabFailure) in
            let process = try cluster.process(of: node)
            let confirmed = process.confirmedReplicas
            let report = StopReport(
                node: node, flush: process.flushLSN,
                confirmed: began.replicas.filter { confirmed.contains($0) },
                unconfirmed: began.replicas.filter { !confirmed.contains($0) },
                took: cluster.now.since(began.at))
            cluster.noteDeath(of: node)
            try cluster.node(node).finishStop()
            return report
        }
        settle()
        return report
    }

    /// Starts a node again from its own disk.
    package func restart(_ node: String) throws(LabFailure) -> RestartReport {
        let time = try onLoop { cluster throws(LabFailure) in
            let known = try cluster.node(node)
            guard known.process == nil else { throw .isUp(node) }
            try known.checkHasPower()
            if let seeding = known.seeding {
                throw .isSeeding(node, source: seeding.place.source)
            }
            return LabTime.postgres(cluster.now)
        }
        let opened = try open(node, at: time)
        try onLoop { cluster throws(LabFailure) in try cluster.start(node, opened) }
        settle()
        return RestartReport(node: node, recovery: opened.recovered.report)
    }
}

extension Cluster {
    /// Lets everything go, at once, for the end of the lab.
    func abandon() {
        for node in nodes {
            if node.process != nil || node.seeding != nil { node.crash() }
            node.clientLink.close()
            node.link?.close()
        }
        monitor.end()
        fleet.close()
        forgetPostgres()
    }
}
