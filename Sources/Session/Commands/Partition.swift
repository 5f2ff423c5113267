internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON

/// `partition`: cuts a link, at once and both ways, or one way and later; neither end is told.
struct PartitionCommand: LabCommand {
    /// A cut one way, behind a number of bytes that are still to pass.
    struct LaterCut: Hashable {
        /// So many bytes pass first: `after=137`.
        let byteCount: Int
        /// What travels the way that is cut: `way=feedback`.
        var way = WireWay.wal
    }

    /// A cut that ends by itself: `for=2s`, and comes again: `every=10s`.
    struct Outage: Hashable {
        let lasting: LabDuration
        var every: LabDuration?
    }

    /// When the link is cut, and for how long.
    enum Wish: Hashable {
        case now
        case later(LaterCut)
        case outage(Outage)
    }

    let node: NodeReference
    var wish = Wish.now

    /// As many bytes as can be asked for.
    private static let byteCounts = 0...1 << 30

    private enum WayWord: String, CaseIterable {
        case wal, feedback
    }

    static let spec = CommandSpec(
        "partition", .network,
        [
            .replica, CommandParameter("N", .number, .assigned("after", example: "137")),
            CommandParameter(
                "WAY", .choice, .option("way", choices: WayWord.allCases.map(\.rawValue))),
            CommandParameter("D", .duration, .assigned("for", example: "2s")),
            CommandParameter("I", .duration, .assigned("every", example: "10s")),
        ],
        summary: "cut a replica's link, now or later",
        details: """
            Bytes stop passing, but neither end is told: the connection stays open until a \
            timeout finds out. The primary keeps committing, since asynchronous replication \
            does not wait; the lag grows for as long as the partition lasts.
            With after=N so many more bytes come through from the upstream, be they of \
            this connection or of the next ones, and the link is cut behind the last of them, \
            in the middle of a message or of a record; with way=feedback it is the replica's \
            bytes that count. Only that way is cut. 'reconnect' then drops the connection.
            With for=D the link is whole again after that time; with every=I besides it is cut \
            again and again, each time so long after it was cut last: it flaps.
            'partition monitor' cuts the monitor off from the node that it watches.
            """,
        example: "partition r1", seeAlso: ["heal", "reconnect", "link"], changesState: true,
        triedWords: ["cut", "disconnect", "isolate", "unplug", "split", "block"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(node)
        try context.ask(self) { () throws(LabFailure) in
            switch wish {
            case .now: try context.lab.partition(replica)
            case .later(let cut):
                try context.lab.partition(replica, cut.way, after: cut.byteCount)
            case .outage(let outage):
                try context.lab.partition(
                    replica, for: outage.lasting.duration, every: outage.every?.duration)
            }
        }
        let watched = replica == MonitorText.name ? context.lab.monitorReport?.node : nil
        let upstream = watched ?? before.upstream(of: replica)
        let (clause, json) = said(upstream: upstream, replica: replica)
        return Reply(
            lines: ["the link between \(upstream) and \(MonitorText.named(replica)) \(clause)"]
                + notices(upstream, before.snapshot[replica], Notices(context.lab))
                + context.consequences(since: before),
            json: [.members([("replica", .string(replica))] + json)])
    }

    /// Who finds out, and when; nobody, where there is no connection, or the cut ends by itself.
    private func notices(
        _ upstream: String, _ replica: LabSnapshot.Node?, _ notices: Notices
    ) -> [String] {
        guard let replica, replica.isRunning, replica.reception == .streaming else { return [] }
        switch wish {
        case .now where replica.kind == .postgres: return ["\(upstream) \(notices.sender)"]
        case .now: return notices.silence(between: upstream, and: replica.name)
        case .later, .outage: return []
        }
    }

    /// What becomes of the link, in a clause whose subject it is, and for programs.
    private func said(
        upstream: String, replica: String
    ) -> (String, [(String, JSONValue)]) {
        let silence = "neither end is told"
        switch wish {
        case .now: return ("is cut; \(silence)", [("link", "cut")])
        case .later(let cut):
            let sender = cut.way == .wal ? upstream : replica
            guard cut.byteCount > 0 else {
                return ("is cut for what \(sender) sends; \(silence)", [("link", "cut")])
            }
            return (
                "will be cut behind the next \(CountText.of(cut.byteCount, "byte")) from \(sender)",
                [
                    ("link", "to be cut"), ("from", .string(sender)),
                    ("bytes", .int(cut.byteCount)),
                ]
            )
        case .outage(let outage):
            let again = outage.every.map { ", and again every \(TimeText.duration($0))" } ?? ""
            return (
                "is cut for \(TimeText.duration(outage.lasting))\(again); \(silence)",
                [
                    ("link", "cut"), ("for_ms", outage.lasting.duration.jsonMilliseconds),
                    ("every_ms", outage.every?.duration.jsonMilliseconds ?? .null),
                ]
            )
        }
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension PartitionCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.link("REPLICA", orOf: [MonitorText.name])
        let way: WireWay? =
            switch arguments.choice("WAY", of: WayWord.self) {
            case .wal: .wal
            case .feedback: .feedback
            case nil: nil
            }
        if let outage = try Outage(arguments) {
            if let word = arguments["N"] ?? arguments["WAY"] {
                throw Fault(
                    .unfit(
                        "a cut that ends by itself is of both ways, and now",
                        advice: "partition \(arguments["REPLICA"]?.text ?? "") "
                            + "for=\(TimeText.duration(outage.lasting))"), at: word)
            }
            wish = .outage(outage)
        } else if way != nil || arguments["N"] != nil {
            if arguments["N"] == nil, let word = arguments["WAY"] {
                let meant = "partition \(arguments["REPLICA"]?.text ?? "") after=137"
                throw Fault(
                    .missingArgument(
                        "N", of: Self.spec, correction: "\(meant) way=\(word.text)"), at: word)
            }
            wish = .later(
                LaterCut(byteCount: try arguments.count("N", Self.byteCounts), way: way ?? .wal))
        }
    }
}

extension PartitionCommand.Outage {
    /// Nil when none is asked for.
    fileprivate init?(_ arguments: BoundArguments) throws(Fault) {
        guard let word = arguments["D"] else {
            guard let word = arguments["I"] else { return nil }
            throw Fault(
                .unfit(
                    "every= says when the link is cut again, and for= for how long",
                    advice: "for=2s every=\(word.text)"), at: word)
        }
        lasting = try arguments.duration("D")
        guard lasting > .zero else {
            throw Fault(
                .unfit("a cut of no length is none", advice: "for=2s, or leave the link alone"),
                at: word)
        }
        guard let again = arguments["I"] else { return }
        let every = try arguments.duration("I")
        guard every > lasting else {
            throw Fault(
                .unfit(
                    "a link that is cut every \(TimeText.duration(every)) "
                        + "for \(TimeText.duration(lasting)) is never whole",
                    advice: "every= longer than for=, or partition without both"), at: again)
        }
        self.every = every
    }
}
