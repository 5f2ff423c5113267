internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WireProtocol

// Fences in words.
extension Fencing {
    /// The word for it in a table and at the prompt.
    var word: String {
        switch self {
        case .power, .command, .leaseEnded: "fenced"
        case .leased: "leased"
        }
    }

    /// A member of JSON.
    var json: JSONValue {
        switch self {
        case .power: ["by": "power", "takes_writes": false]
        case .command: ["by": "command", "takes_writes": false]
        case .leased(let end): ["by": "lease", "takes_writes": true, "until": end.json]
        case .leaseEnded(let end): ["by": "lease", "takes_writes": false, "until": end.json]
        }
    }

    /// Why it takes no writes, or how long it does.
    func line(of node: String) -> String {
        switch self {
        case .power: "\(node) is fenced: its power is off until 'unfence \(node)'"
        case .command: "\(node) is fenced: it is read-only until 'unfence \(node)'"
        case .leased(let end):
            "\(node) takes writes until \(end.text), or as long as the monitor renews its lease"
        case .leaseEnded(let end):
            "\(node) is fenced: its lease ended at \(end.text), and nobody has renewed it"
        }
    }
}

extension FailureText {
    /// Why a node was not fenced, or not let go.
    func fence(_ failure: FenceFailure) -> Failure {
        switch failure {
        case .isFenced(let node, let fencing):
            Failure(
                fencing.line(of: node), advice: "unfence \(node), to begin anew; or status")
        case .isNotFenced(let node):
            Failure("\(node) is not fenced", advice: "fence \(node) by=power, or status")
        case .needsMonitor(let node):
            Failure(
                "a lease is renewed by the monitor's checks, and nobody checks \(node)",
                advice: "monitor interval=1s misses=3, then: fence \(node) by=lease:5s")
        case .watchesAnother(let node, let watched):
            Failure(
                "a lease is renewed by the monitor's checks, and the monitor watches \(watched)",
                advice: "fence \(node) by=power")
        case .leaseIsShort(let lease, let interval):
            Failure(
                "a lease of \(lease.text) ends before the next check, one every \(interval.text), "
                    + "can renew it",
                advice: "fence \(standing.snapshot.primary) by=lease:\((interval * 5).text)")
        case .noAnswer(let node, let bound):
            Failure(
                "\(node) did not answer within \(bound.text); it may still take writes",
                advice: "fence \(node) by=power, which needs no answer")
        case .refused(let node, let error):
            Failure(
                "\(node) refused: \(error.message.escapedForDisplay) "
                    + "(server error \(error.code.code.escapedForDisplay))",
                advice: "fence \(node) by=power")
        case .hasNoPower(let node):
            Failure(
                "\(node) is fenced: its power is off",
                advice: "unfence \(node), then: \(verb) \(node)")
        }
    }
}
