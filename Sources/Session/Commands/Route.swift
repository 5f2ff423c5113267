internal import Cluster
internal import CommandLanguage
internal import JSON

/// `route`: by what an application's clients find the primary, and where it leads.
struct RouteCommand: LabCommand {
    /// Nil: it is looked at.
    let kind: ClientRoute.Kind?

    private enum Word: String, CaseIterable {
        case dns, vip, pooler
    }

    private static let least = LabDuration(milliseconds: 1)
    private static let greatest = LabDuration(milliseconds: 86_400_000)

    static let spec = CommandSpec(
        "route", .failover,
        [
            CommandParameter(
                "KIND", .oneOf(Word.allCases.map { Alternative($0.rawValue) }), .optional),
            CommandParameter("D", .duration, .assigned("ttl", example: "30s")),
        ],
        summary: "how clients find the primary",
        details: """
            Step 4 of the failover procedure is to repoint it, which 'promote' does at once. Who \
            learns of that when is another thing. 'dns' is a name: each client keeps the answer \
            for ttl= (30s) from its own last lookup, and till then goes where the primary was. \
            'vip' is an address that moves: who has an old connection finds out when he next \
            sends, by a reset. 'pooler' keeps its clients' connections and makes new ones behind \
            them, as PgBouncer does after RELOAD: a write that finds no server waits there.
            Unless something is said it is 'dns ttl=30s'. Alone it says where the route leads.
            """,
        example: "route dns ttl=30s", seeAlso: ["clients", "failover", "promote"],
        changesState: true,
        triedWords: ["dns", "vip", "pooler", "pgbouncer", "haproxy", "ttl"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.lab.route
        if let kind {
            guard kind != before.kind || !context.lab.isRouteChosen else {
                throw Failure(
                    "the route is \(kind.text) already", advice: "route, to see where it leads")
            }
            context.lab.setRoute(kind)
        }
        let route = context.lab.route
        let since = route.changedAt.map { ["it was repointed at \($0.text)"] } ?? []
        return Reply(
            lines: [route.kind.sentence(to: route.target)] + since + context.events(),
            json: [route.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension RouteCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        guard arguments["KIND"] != nil else {
            if let word = arguments["D"] {
                throw Fault(
                    .unfit("a ttl is of a name", advice: "route dns ttl=\(word.text)"), at: word)
            }
            kind = nil
            return
        }
        let word = try arguments.word("KIND", of: Word.self)
        if word != .dns, let ttl = arguments["D"] {
            throw Fault(
                .unfit(
                    "only a name's answers are kept: \(word.rawValue) has no ttl",
                    advice: "route \(word.rawValue), or route dns ttl=\(ttl.text)"), at: ttl)
        }
        switch word {
        case .vip: kind = .vip
        case .pooler: kind = .pooler
        case .dns: kind = .dns(ttl: try Self.ttl(arguments))
        }
    }

    private static func ttl(_ arguments: BoundArguments) throws(Fault) -> Duration {
        guard let word = arguments["D"] else { return .seconds(30) }
        let ttl = try arguments.duration("D")
        guard ttl >= least, ttl <= greatest else {
            throw Fault(
                .unfit(
                    "an answer is kept for \(TimeText.duration(least)) to "
                        + TimeText.duration(greatest), advice: "route dns ttl=30s"), at: word)
        }
        return ttl.duration
    }
}

extension ClientRoute {
    fileprivate var json: JSONValue {
        let ttl: JSONValue =
            switch kind {
            case .dns(let ttl): ttl.jsonMilliseconds
            case .vip, .pooler: .null
            }
        return [
            "route": .string(kind.word), "ttl_ms": ttl, "leads_to": .string(target),
            "repointed_at": changedAt?.json ?? .null,
        ]
    }
}
