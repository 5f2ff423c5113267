import DatabaseNode
import LabClock
import Network
import Replication
import SQLServer
import WireProtocol

/// The health checker of the primary: a client on a machine of its own, which asks the primary one
/// query an interval, over a wire of its own, and declares it dead by what does not come back.
///
/// It is what a Patroni or a keepalived is without a quorum: it cannot tell a cut wire from a dead
/// server. What it asks is what a person would: how far the replicas are behind.
///
/// - It watches the node that was the primary when it began, and after a promotion the new one.
/// - While it has declared a node dead that cannot answer whatever is asked (it is down, frozen,
///   or behind a cut), nothing is due: a lab without a primary can wait for a year at no cost.
/// - It is of the run, like a heartbeat: a lab that is opened again has none.
/// - Touched on the lab's loop only.
final class Monitor {
    /// What it watches, and what it knows.
    struct Watch {
        let node: Node
        var detector: FailureDetector
        var lag: [MonitorReport.Lag] = []
        /// Each check renews the node's lease for so long; nil: it has none.
        var lease: Duration?
    }

    private(set) var watch: Watch?
    private let lab: LabLoop
    private let seed: UInt64
    private let deadline: Deadline
    /// Called when it has made up its mind.
    var tell: (MonitorEvent) -> Void = { _ in }
    /// Its wires, and its clients over them, by node.
    private var lines: [String: (link: Link, client: LabClient)] = [:]

    init(lab: LabLoop, seed: UInt64) {
        self.lab = lab
        self.seed = seed
        // Whatever is due brings a stillness, and with it a look.
        deadline = Deadline(lab: lab, owner: MonitorReport.name) {}
    }

    /// Begins to watch a node, or goes over to it.
    func begin(_ terms: FailureDetector.Terms, on node: Node) throws(ListenFailure) {
        hangUp()
        _ = try line(to: node)
        watch = Watch(
            node: node, detector: FailureDetector(terms, at: LabTime.postgres(lab.stepper.now)))
    }

    /// Watches nobody any more; its wires are whole when it begins again.
    func end() {
        hangUp()
        watch = nil
        for (_, line) in lines {
            line.client.close()
            line.link.close()
        }
        lines = [:]
    }

    /// Each check renews the lease of the watched node from now on.
    func renewsLease(of length: Duration) { watch?.lease = length }

    /// None does any more.
    func endLease(of node: String) {
        if watch?.node.name == node { watch?.lease = nil }
    }

    /// A client of its own, for who speaks to a node from its machine: over the same wire.
    func client(of node: Node) throws(ListenFailure) -> LabClient {
        let link = try line(to: node).link
        return LabClient(lab: lab) { [weak node, weak link] in
            node?.openPort == nil ? nil : link?.port
        }
    }

    private func hangUp() {
        deadline.cancel()
        if let watch { lines[watch.node.name]?.client.close() }
    }

    /// Its wire to the node it watches; nil while it watches none.
    var link: Link? { watch.flatMap { lines[$0.node.name]?.link } }

    private func line(to node: Node) throws(ListenFailure) -> (link: Link, client: LabClient) {
        if let line = lines[node.name] { return line }
        let link = try Link(name: "m-\(node.name)", lab: lab, seed: seed) { [weak node] in
            node?.openPort
        }
        let client = LabClient(lab: lab) { [weak node, weak link] in
            node?.openPort == nil ? nil : link?.port
        }
        lines[node.name] = (link, client)
        if node.isFrozen { link.freeze(.target) }
        return (link, client)
    }

    /// Tells its wires which nodes do not run, or are gone.
    func align(_ node: Node, isGone: Bool = false) {
        guard let link = lines[node.name]?.link else { return }
        if node.isFrozen { link.freeze(.target) } else { link.thaw(.target, isGone: isGone) }
    }

    /// What was on its wire to a node is gone, with the node.
    func sever(_ node: String) { lines[node]?.link.sever() }

    // MARK: Its checks

    /// Work for a stillness: what is due; says whether anything was.
    func look() -> Bool {
        guard var watch else { return false }
        let rests = isHopeless
        let actions =
            rests
            ? watch.detector.rest()
            : watch.detector.passed(to: LabTime.postgres(lab.stepper.now))
        self.watch = watch
        if rests { deadline.cancel() } else { deadline.move(to: watch.detector.due) }
        for action in actions { carryOut(action, on: watch.node) }
        return !actions.isEmpty
    }

    /// Whether no check can be answered, and that is known.
    private var isHopeless: Bool {
        guard let watch, watch.detector.verdict != .alive else { return false }
        return watch.node.process == nil || watch.node.isFrozen || link?.opensByItself == false
    }

    private func carryOut(_ action: FailureDetector.Action, on node: Node) {
        switch action {
        case .ask(let number): ask(number, node)
        case .giveUp: lines[node.name]?.client.close()
        case .declareDead(let missed, let silence):
            tell(.declaredDead(node.name, missed: missed, silence: silence))
        case .declareAlive(let silence): tell(.answersAgain(node.name, silence: silence))
        }
    }

    /// What a person would ask, who wants to know whether it lives, and what its death would cost.
    private static let check =
        "SELECT application_name, pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn) "
        + "FROM pg_stat_replication"

    private func ask(_ number: Int, _ node: Node) {
        if let lease = watch?.lease {
            let end = LabTime.postgres(lab.stepper.now.advanced(by: lease))
            lines[node.name]?.client.query(ServerChange.lease(until: end).statement) { _ in }
        }
        lines[node.name]?.client.query(Self.check) { [weak self, weak node] answer in
            guard let self, let node, watch?.node === node else { return }
            switch answer {
            case .lost: break
            case .answered(let results, let error, _):
                if error == nil { watch?.lag = results.first.map(Self.lag) ?? [] }
                answered(number)
            }
        }
    }

    private func answered(_ number: Int) {
        guard let node = watch?.node else { return }
        let actions =
            watch?.detector.answered(number, at: LabTime.postgres(lab.stepper.now)) ?? []
        for action in actions { carryOut(action, on: node) }
    }

    private static func lag(_ result: ResultSet) -> [MonitorReport.Lag] {
        result.rows.map { row in
            let texts = row.map { $0.map { String(decoding: $0, as: UTF8.self) } }
            return MonitorReport.Lag(
                replica: (texts.first ?? nil) ?? "",
                byteCount: (texts.count > 1 ? texts[1] : nil).flatMap { Int($0) })
        }
    }
}

// What a long wait leaves out.
extension Monitor {
    /// The timer of its next check, if every check until then would be answered like the last one.
    var idleTimer: TimerQueue<() -> Void>.Token? {
        guard let watch, let link, watch.detector.verdict == .alive,
            watch.detector.isBetweenChecks, watch.detector.missed == 0, watch.lease == nil,
            watch.node.process != nil, !watch.node.isFrozen,
            link.faults(.upstream) == .none, link.faults(.downstream) == .none
        else { return nil }
        return deadline.token
    }

    /// Moves on its next check, by whole intervals, to where it is the last before `limit`.
    /// Says up to when it is ahead of the clock.
    func leaveOut(until limit: LabInstant) -> LabInstant {
        let now = lab.stepper.now
        guard idleTimer != nil, let detector = watch?.detector else { return now }
        let due = LabTime.instant(detector.due)
        let count = Int(limit.since(due) / detector.terms.interval) - 1
        guard count > 0 else { return now }
        watch?.detector.leftOut(checks: count)
        let span = detector.terms.interval * count
        deadline.postpone(by: span)
        return now.advanced(by: span)
    }
}
