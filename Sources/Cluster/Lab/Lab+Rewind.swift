import DatabaseNode
import LabClock
import Network
import Replication
import Storage
import WALFormat

// A node whose log has left the primary's is made a replica of it, without a copy of everything.
extension Lab {
    /// Makes a node that is down a replica of `source`: what its own log has touched since they
    /// parted is copied, over the node's own wire. Then it starts. PostgreSQL: `pg_rewind -R`.
    ///
    /// - Parameters:
    ///   - discards: what clients were told and only this node's disk still has may go.
    ///   - changes: false: only the plan is wanted.
    package func rewind(
        _ name: String, from source: String? = nil, discards: Bool = false, changes: Bool = true
    ) throws(LabFailure) -> RewindReport {
        let chosen = try onLoop { cluster throws(LabFailure) in
            let chosen = source ?? cluster.primary.name
            try cluster.checkMayRewind(name, from: chosen)
            return chosen
        }
        let discarded = try onlyHeld(by: name)
        if changes, !discards, !discarded.isEmpty { throw .wouldDiscard(name, discarded) }
        let pending = Pending<Rewinding.End>()
        let began = now
        try onLoop { cluster throws(LabFailure) in
            try cluster.beginRewind(name, from: chosen, changes: changes) { pending.value = $0 }
        }
        let interrupted = waitForRewind(of: name, pending)
        let report = try onLoop { cluster throws(LabFailure) in
            guard let end = pending.value else { throw .interrupted }
            if interrupted { throw .interrupted }
            return try cluster.rewindEnded(name, from: chosen, end, discarded, since: began)
        }
        _ = run { cluster in
            cluster.node(up: name)?.standby?.receiver.isStreaming ?? true
                || cluster.hasGivenUp(name)
        }
        return report
    }

    /// Runs the clock as long as pieces come. Says whether the learner has called it off.
    private func waitForRewind(
        of name: String, _ pending: Pending<Rewinding.End>
    ) -> Bool {
        var count = -1
        while true {
            let end = run { _ in pending.value != nil }
            let (isOver, pieces) = onLoop { cluster in
                (pending.value != nil, cluster.rewinding(name)?.pieceCount ?? 0)
            }
            if isOver { return false }
            if end != .interrupted, pieces > count {
                count = pieces
                continue
            }
            onLoop { cluster in cluster.rewinding(name)?.cancel() }
            settle()
            return end == .interrupted
        }
    }

    /// The lost commits that no other disk has, and that nobody has written again.
    package func onlyHeld(by name: String) throws(LabFailure) -> [LostRecord] {
        guard snapshot().primary != name else { return [] }
        return try lost().lost.filter { $0.disks == [name] && !$0.isSalvaged }
    }
}

extension Cluster {
    fileprivate func rewinding(_ name: String) -> Rewinding? { (try? node(name))?.rewinding }

    fileprivate func checkMayRewind(
        _ name: String, from source: String
    ) throws(LabFailure) {
        let node = try node(name)
        let origin = try self.node(source)
        if let seeding = node.seeding { throw .isSeeding(name, source: seeding.place.source) }
        guard name != source else { throw .rewind(name, source: source, .isOwnSource) }
        guard node.process == nil else { throw .isUp(name) }
        try node.checkHasPower()
        guard origin.process != nil else { throw .isDown(source, origin.state) }
        if origin.isFrozen { throw .isFrozen(source) }
        let chain = chain(from: source)
        if let index = chain.firstIndex(of: name) {
            throw .wouldFollowItself(name, through: Array(chain[..<index]))
        }
    }

    fileprivate func beginRewind(
        _ name: String, from source: String, changes: Bool,
        ended: @escaping (Rewinding.End) -> Void
    ) throws(LabFailure) {
        let node = try node(name)
        let former = node.upstream
        let thread = try WorkThread.begun()
        let link: Link
        do throws(ListenFailure) {
            link = try wire(node, to: source)
        } catch {
            thread.shutdown()
            throw .cannotListen(node: name, reason: error.description)
        }
        let rewinding = Rewinding(
            name, from: source, node.storage, changes: changes, on: thread,
            timeout: settings.receiver.timeout, lab: lab, port: { link.port }
        ) { [weak node] end in
            if !end.isTouched {
                node?.upstream = former
                if node?.role == .primary { node?.closeLink() }
            }
            ended(end)
        }
        node.beginRewind(rewinding)
        rewinding.start()
    }

    fileprivate func rewindEnded(
        _ name: String, from source: String, _ end: Rewinding.End, _ discarded: [LostRecord],
        since began: LabInstant
    ) throws(LabFailure) -> RewindReport {
        let node = try node(name)
        node.endRewind(isTouched: end.isTouched)
        func report(_ summary: RewindSummary, _ recovery: RecoveryReport?) -> RewindReport {
            RewindReport(
                node: name, source: source, summary: summary, discarded: discarded,
                recovery: recovery, took: now.since(began))
        }
        switch end {
        case .planned(let summary): return report(summary, nil)
        case .complete(let summary, let opened):
            forgetRefusal(of: name)
            try start(name, opened)
            return report(summary, opened.recovered.report)
        case .refused(let refusal): throw .rewind(name, source: source, .refused(refusal))
        case .unusable(let failure): throw .cannotOpen(node: name, failure)
        case .sourceLacksLog(let plan, let isTouched):
            throw .rewind(
                name, source: source, .sourceLacksLog(from: plan.redo, isTouched: isTouched))
        case .failed(let failure, let isTouched):
            throw .rewind(name, source: source, .broken(failure, isTouched: isTouched))
        }
    }
}

extension Rewinding.End {
    /// Whether the directory is no longer what it was.
    fileprivate var isTouched: Bool {
        switch self {
        case .planned, .refused: false
        case .complete, .unusable: true
        case .sourceLacksLog(_, let isTouched), .failed(_, let isTouched): isTouched
        }
    }
}
