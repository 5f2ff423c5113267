internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// What `read NODE hold=30s` asks for.
struct HeldReadWish: Hashable {
    let node: NodeReference?
    let key: String?
    let duration: LabDuration

    static let parameter = CommandParameter("TIME", .duration, .assigned("hold", example: "30s"))

    /// The longest that a read may last.
    private static let longest = LabDuration(milliseconds: 86_400_000)

    /// Nil: no read is to last.
    init?(_ arguments: BoundArguments) throws(Fault) {
        guard let word = arguments[Self.parameter.name] else { return nil }
        node = try arguments.optionalNode("NODE")
        key = arguments["KEY"] == nil ? nil : try arguments.key("KEY")
        duration = try arguments.duration(Self.parameter.name)
        guard duration > LabDuration(milliseconds: 0), duration <= Self.longest else {
            throw Fault(
                .unfit(
                    "a read lasts for more than nothing, and a day at most",
                    advice: "read r1 hold=30s"),
                at: word)
        }
    }

    func run(
        in context: CommandContext, for command: some LabCommand
    ) throws(Failure) -> Reply {
        let before = context.look()
        let read = try context.ask(command) { () throws(LabFailure) in
            try context.lab.hold(
                key, on: before.name(node ?? .primary), for: duration.duration)
        }
        if let key { context.note(key: key) }
        return Reply(lines: [read.line] + context.events(), json: [read.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if case .isDown(let name, let state) = failure {
            let other = general.readable.map { "read \($0) hold=\(duration.duration.text)" }
            return general.isDown(name, state, advice: other)
        }
        return nil
    }
}
