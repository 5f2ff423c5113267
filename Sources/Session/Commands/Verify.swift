internal import Cluster
internal import CommandLanguage
internal import JSON

/// `verify`: the lab's invariants, each with what shows that it holds.
struct VerifyCommand: LabCommand {
    static let spec = CommandSpec(
        "verify", .look, [],
        summary: "check what must hold in every lab",
        details: """
            What must hold whatever is done to the nodes: at most one primary writes a timeline, \
            logs of one history are the same bytes, no replica is past its upstream, every \
            acknowledged commit is on the primary or named as lost, a slot keeps what it \
            promised. Each is shown with its evidence, read from the nodes' files and the ledger \
            of what clients were told. The command fails when one does not hold.
            """,
        example: "verify", seeAlso: ["diff", "lost", "status"], changesState: false,
        triedWords: ["invariants", "truth", "assert", "fsck"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let reports = context.lab.verify(&context.truth)
        var reply = Reply(
            lines: context.events() + table(reports) + [sentence(reports)],
            json: [
                [
                    "holds": .bool(reports.allSatisfy(\.holds)),
                    "invariants": .array(reports.map(\.json)),
                ]
            ])
        reply.failed = !reports.allSatisfy(\.holds)
        return reply
    }

    private func table(_ reports: [InvariantReport]) -> [String] {
        let width = reports.map(\.name.count).max() ?? 0
        return reports.flatMap { report -> [String] in
            let name = report.name + String(repeating: " ", count: width - report.name.count)
            guard !report.holds else { return ["\(name)  holds: \(report.evidence)"] }
            return report.breaches.map { "\(name)  BREACHED: \($0.evidence)" }
        }
    }

    private func sentence(_ reports: [InvariantReport]) -> String {
        let count = reports.count { !$0.holds }
        return count == 0
            ? "all \(reports.count) invariants hold"
            : "\(count) of \(reports.count) invariants \(count == 1 ? "does" : "do") not hold"
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension VerifyCommand {
    init(_ arguments: BoundArguments) {}
}

extension InvariantReport {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "sentence": .string(sentence), "holds": .bool(holds),
            "evidence": holds ? .string(evidence) : .null,
            "breaches": .array(
                breaches.map {
                    [
                        "nodes": .array($0.nodes.map(JSONValue.string)),
                        "evidence": .string($0.evidence),
                    ]
                }),
        ]
    }
}
