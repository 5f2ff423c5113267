internal import Cluster
internal import CommandLanguage
internal import LabClock

extension FailoverReport.Act {
    /// Its instant, and what was done.
    var text: String { "\(at.text) \(what)" }

    private var what: String {
        switch kind {
        case .killed(let node): "crash    \(node) loses power"
        case .declaredDead(let node): "detect   the monitor holds \(node) for dead"
        case .fenced(let node, let wasDown):
            wasDown
                ? "fence    \(node) was down already; its power is off for good"
                : "fence    the power of \(node) is off: it ran until now"
        case .promoted(let node, let cost, let others):
            "promote  \(node), which \(Self.loses(cost, others))"
        case .repointed(let node): "repoint  the route leads to \(node)"
        }
    }

    private static func loses(_ cost: Int?, _ others: [String]) -> String {
        let what =
            cost.map { $0 == 0 ? "loses nothing" : "loses \(Words.commits($0))" }
            ?? "loses nobody knows what"
        guard !others.isEmpty else { return what }
        return what + (cost == 0 ? "" : "; no less with \(Words.list(others, "or"))")
    }
}

extension FailureText {
    /// Why there is no failover.
    func failover(_ failure: FailoverFailure) -> Failure {
        switch failure {
        case .noMonitor:
            Failure(
                "nobody watches the primary, so nobody would know when to act",
                advice: "monitor interval=1s misses=3, or failover tuned")
        case .noCandidate(let name):
            Failure(
                "no replica could be promoted in the place of \(name): none is up, with room",
                advice: standing.replicas.first.map { "restart \($0.name)" } ?? "status")
        case .isNotRunning(let name):
            Failure(
                "a drill kills a primary that runs, and \(name) does not",
                advice: "failover auto, or restart \(name)")
        case .otherMonitor(let name):
            Failure(
                "a monitor with other terms watches \(name) already",
                advice: "monitor off, then failover again")
        }
    }
}
