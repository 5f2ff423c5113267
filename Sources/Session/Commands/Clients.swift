internal import Cluster
internal import CommandLanguage
internal import JSON

/// `clients`: an application's clients, which write at their pace and find the primary by the
/// route.
struct ClientsCommand: LabCommand {
    /// What is done.
    enum Wish: Hashable {
        case look
        case begin(Int, RoutedClient.Terms)
        case end
    }

    let wish: Wish

    private static let off = "off"
    private static let counts = 1...100
    private static let least = LabDuration(milliseconds: 1)
    private static let greatest = LabDuration(milliseconds: 3_600_000)

    static let spec = CommandSpec(
        "clients", .write,
        [
            CommandParameter("N", .number, .optional),
            CommandParameter("D", .duration, .keyword("every")),
            CommandParameter("R", .duration, .assigned("retry", example: "2s")),
        ],
        summary: "have clients write, at a pace",
        details: """
            N clients, each with a connection of its own, write at their own pace for as long as \
            lab time passes: c1 writes c1:1, c1:2 and on, one every D. Where they connect is the \
            route's answer ('help route'), and they go on whatever becomes of it: they are what \
            sees a failover from outside.
            A connect is given up after 2s (libpq's connect_timeout), an answer after 5s (the \
            application's own time-out). The next write after an error is the next at its pace, \
            with retry= not before that much time. What a client was told is in the ledger.
            Alone it shows where they go and what they were told; 'clients off' ends them.
            """,
        example: "clients 20 every 500ms", seeAlso: ["route", "failover", "load"],
        changesState: true, triedWords: ["client", "application", "app", "users"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        switch wish {
        case .look: break
        case .begin(let count, let terms):
            try context.ask(self) { () throws(LabFailure) in
                try context.lab.beginClients(count, terms)
            }
            let route = context.lab.route
            return Reply(
                lines: [
                    "\(CountText.of(count, "client")) "
                        + "\(Words.verb(count, "writes", "write, each")) every "
                        + terms.interval.text, route.kind.sentence(to: route.target),
                ] + context.events(), json: [json(context)])
        case .end:
            try context.ask(self) { () throws(LabFailure) in try context.lab.endClients() }
            return Reply(
                lines: ["no clients write any more"] + context.events(),
                json: [["clients": .int(0)]])
        }
        guard let table = table(context) else {
            return Reply(
                lines: ["no clients write; \(Self.spec.example) begins"] + context.events(),
                json: [["clients": .int(0)]])
        }
        return Reply(lines: table.lines + context.events(), json: [json(context)])
    }

    private func table(_ context: CommandContext) -> ClientTable? {
        context.lab.clientsReport.map {
            ClientTable(report: $0, nodes: context.lab.nodeNames, now: context.lab.now)
        }
    }

    private func json(_ context: CommandContext) -> JSONValue {
        .members(table(context)?.json ?? [("clients", .int(0))])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension ClientsCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        guard let first = arguments["N"] else {
            if let word = arguments["D"] ?? arguments["R"] {
                throw Fault(
                    .unfit("how many clients?", advice: Self.spec.example), at: word)
            }
            wish = .look
            return
        }
        if first.text == Self.off {
            if let word = arguments["D"] ?? arguments["R"] {
                throw Fault(
                    .unfit("who leaves has no pace", advice: "clients off"), at: word)
            }
            wish = .end
            return
        }
        let count = try arguments.count("N", Self.counts)
        guard arguments["D"] != nil else {
            throw Fault(
                .unfit("at what pace?", advice: "clients \(count) every 500ms"), at: first)
        }
        wish = .begin(
            count,
            RoutedClient.Terms(
                interval: try Self.length("D", arguments),
                retry: arguments["R"] == nil ? .zero : try Self.length("R", arguments)))
    }

    private static func length(
        _ name: String, _ arguments: BoundArguments
    ) throws(Fault) -> Duration {
        let word = try arguments.word(name)
        let length = try arguments.duration(name)
        guard length >= least, length <= greatest else {
            throw Fault(
                .unfit(
                    "a client keeps times from \(TimeText.duration(least)) to "
                        + TimeText.duration(greatest), advice: spec.example), at: word)
        }
        return length.duration
    }
}
