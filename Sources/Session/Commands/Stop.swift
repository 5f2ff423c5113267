internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WALFormat

/// `stop`: a clean shutdown, which waits for connected replicas.
struct StopCommand: LabCommand {
    let node: NodeReference

    static let spec = CommandSpec(
        "stop", .failure, [.node],
        summary: "shut a node down cleanly",
        details: """
            A clean shutdown: a primary writes a last checkpoint and waits until its connected \
            replicas have received everything, so that promoting one of them afterwards loses \
            nothing.
            """,
        example: "stop primary", seeAlso: ["crash", "restart"], changesState: true,
        triedWords: ["shutdown", "halt", "down", "pause"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        let report = try context.ask(self) { () throws(LabFailure) in try context.lab.stop(name) }
        return Reply(
            lines: report.lines + context.consequences(since: before), json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        general.onShutdown(failure)
    }
}

extension StopCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
    }
}

extension StopReport {
    fileprivate var lines: [String] {
        let waited = took > .zero ? ", \(took.text) later" : ""
        var lines = ["\(node) stopped cleanly at \(flush)\(waited)"]
        if !confirmed.isEmpty {
            let verb = Words.verb(confirmed.count, "has", "have")
            lines.append("\(Words.list(confirmed)) \(verb) all of its WAL")
        }
        if !unconfirmed.isEmpty {
            lines.append("\(Words.list(unconfirmed)) did not confirm all of its WAL in time")
        }
        return lines
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "flush_lsn": .string(flush.description),
            "confirmed": .array(confirmed.map { .string($0) }),
            "unconfirmed": .array(unconfirmed.map { .string($0) }),
            "took_ms": took.jsonMilliseconds,
        ]
    }
}
