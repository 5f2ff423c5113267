internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// `fence`: step 2 of the failover procedure. The old primary takes no writes any more.
struct FenceCommand: LabCommand {
    let node: NodeReference
    var method = FenceMethod.power

    static let spec = CommandSpec(
        "fence", .failover,
        [.node, CommandParameter("HOW", .free, .assigned("by", example: "power"))],
        summary: "keep the old primary from writing",
        details: """
            Step 2 of the failover procedure (STONITH). by=power cuts its power, which stays cut \
            until 'unfence': it always works, and what its links hold is lost, as with 'crash'. \
            by=command makes it read-only (ALTER SYSTEM) over the monitor's link, or one like \
            it: who does not answer within 5s may still take writes. by=lease:5s lets it write \
            only as long as the monitor's checks renew a lease of 5s: cut off, it stops by itself.
            A fenced node refuses writes and COMMIT with error 25006. A commit that is on its way \
            to the disk then gets no OK: its session ends (57P01). A lab that is opened again has \
            no fences.
            """,
        example: "fence p by=power", seeAlso: ["unfence", "monitor", "promote"],
        changesState: true,
        triedWords: ["stonith", "shoot", "demote", "readonly"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.fence(name, by: method)
        }
        return Reply(
            lines: report.lines + context.consequences(since: before), json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        switch failure {
        case .isDown(let name, let state):
            Failure(
                "\(name) is down already (\(Words.down(state) ?? "failed")): it takes no writes",
                advice: general.heir(besides: name).map { "promote \($0)" } ?? "status")
        case .isReplica(let name):
            Failure("\(name) is a replica: it takes no writes anyway", advice: "fence primary")
        default: nil
        }
    }
}

extension FenceCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
        guard let word = arguments["HOW"] else { return }
        switch word.text {
        case "power": method = .power
        case "command": method = .command
        case let text where text.hasPrefix("lease:"):
            method = .lease(try Self.lease(text.dropFirst(6), at: word))
        default:
            throw Fault(
                .unfit(
                    "a node is fenced by power, command or lease:5s", advice: "fence p by=power"),
                at: word)
        }
    }

    private static func lease(_ text: Substring, at word: Word) throws(Fault) -> Duration {
        let length: LabDuration
        do throws(DurationError) {
            length = try LabDuration(parsing: String(text))
        } catch {
            throw Fault(.badDuration(error), at: word)
        }
        guard length > LabDuration(milliseconds: 0),
            length <= LabDuration(milliseconds: 3_600_000),
            length.nanoseconds.isMultiple(of: 1_000_000)
        else {
            throw Fault(
                .unfit(
                    "a lease lasts whole milliseconds, from 1ms to 1h",
                    advice: "fence p by=lease:5s"), at: word)
        }
        return length.duration
    }
}

extension FenceReport {
    fileprivate var lines: [String] {
        switch method {
        case .power:
            (crash.map(CrashText.lines) ?? []) + [
                "\(node) is fenced: it stays off until 'unfence \(node)'"
            ]
        case .command:
            ["\(node) is fenced: it has answered, and is read-only until 'unfence \(node)'"]
        case .lease(let length):
            [
                "\(node) takes writes until \(leaseEnd?.text ?? ""), and each check of the monitor "
                    + "adds to it;",
                "\(length.text) after the last check that reaches it, it refuses them by itself",
            ]
        }
    }

    fileprivate var json: JSONValue {
        let how =
            switch method {
            case .power: "power"
            case .command: "command"
            case .lease: "lease"
            }
        return [
            "node": .string(node), "by": .string(how), "until": leaseEnd?.json ?? .null,
            "took_ms": took.jsonMilliseconds,
        ]
    }
}
