import DatabaseNode
import LabClock
import Network
import Replication
import SQLServer
import WALFormat
import WireProtocol

// Step 2 of a failover: the old primary takes no writes any more, whatever it believes.
extension Lab {
    /// How long whoever fences waits for an answer.
    package static let fencePatience = Duration.seconds(5)

    /// Keeps a primary from taking writes.
    ///
    /// - Throws: `.fence(.noAnswer)`: lab time has passed, and it may take writes all the same.
    package func fence(
        _ node: String, by method: FenceMethod
    ) throws(LabFailure) -> FenceReport {
        let began = try onLoop { cluster throws(LabFailure) in
            try cluster.checkMayFence(node, by: method)
            return cluster.now
        }
        var crash: CrashReport?
        var end: LabInstant?
        switch method {
        case .power:
            crash = try self.crash(node, deliversWire: false)
            try onLoop { cluster throws(LabFailure) in
                try cluster.node(node).cutPower()
            }
        case .command: try tell(node, .readOnly(true))
        case .lease(let length):
            let last = began.advanced(by: length)
            try tell(node, .lease(until: LabTime.postgres(last)))
            onLoop { cluster in cluster.monitor.renewsLease(of: length) }
            end = last
        }
        settle()
        return FenceReport(
            node: node, method: method, crash: crash, leaseEnd: end, took: now.since(began))
    }

    /// Lets a fenced node have power, or take writes, again.
    /// - Returns: what had kept it from them.
    package func unfence(_ node: String) throws(LabFailure) -> Fencing {
        let fencing = try onLoop { cluster throws(LabFailure) in
            let known = try cluster.node(node)
            guard let fencing = known.fencing(at: cluster.now) else {
                throw .fence(.isNotFenced(node))
            }
            if fencing != .power { _ = try cluster.process(of: node) }
            return fencing
        }
        switch fencing {
        case .power:
            try onLoop { cluster throws(LabFailure) in
                try cluster.node(node).restorePower()
            }
        case .command: try tell(node, .readOnly(false))
        case .leased, .leaseEnded:
            try tell(node, .lease(until: nil))
            onLoop { cluster in cluster.monitor.endLease(of: node) }
        }
        settle()
        return fencing
    }

    /// Tells a node over SQL, from the monitor's machine and over its wire.
    private func tell(_ node: String, _ change: ServerChange) throws(LabFailure) {
        let pending = Pending<LabClient.Answer>()
        let caller = Pending<LabClient>()
        try onLoop { cluster throws(LabFailure) in
            caller.value = try cluster.fencingClient(of: node)
            caller.value?.query(change.statement) { pending.value = $0 }
        }
        let end = run(within: Self.fencePatience) { _ in pending.value != nil }
        let answer = onLoop { _ in
            caller.value?.close()
            return pending.value
        }
        settle()
        switch answer {
        case .answered(_, nil, _): return
        case .answered(_, let error?, _): throw .fence(.refused(node, error))
        case .lost, nil:
            throw end == .interrupted
                ? .interrupted : .fence(.noAnswer(node, within: Self.fencePatience))
        }
    }
}

extension Cluster {
    fileprivate func checkMayFence(
        _ name: String, by method: FenceMethod
    ) throws(LabFailure) {
        let node = try node(name)
        switch node.fencing(at: now) {
        case .leased where method.endsLease: break
        case let fencing?: throw .fence(.isFenced(name, fencing))
        case nil: break
        }
        guard node.process != nil else { throw .isDown(name, node.state) }
        guard node.role == .primary else { throw .isReplica(name) }
        guard case .lease(let length) = method else { return }
        guard let watch = monitor.watch else { throw .fence(.needsMonitor(name)) }
        guard watch.node === node else {
            throw .fence(.watchesAnother(name, watched: watch.node.name))
        }
        let interval = watch.detector.terms.interval
        guard length > interval else {
            throw .fence(.leaseIsShort(length, interval: interval))
        }
    }

    fileprivate func fencingClient(of name: String) throws(LabFailure) -> LabClient {
        let node = try node(name)
        do throws(ListenFailure) {
            return try monitor.client(of: node)
        } catch {
            throw .cannotListen(node: MonitorReport.name, reason: error.description)
        }
    }
}

extension FenceMethod {
    /// Whether it says something to who is under a lease.
    fileprivate var endsLease: Bool {
        switch self {
        case .power, .command: true
        case .lease: false
        }
    }
}
