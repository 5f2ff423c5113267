internal import Cluster
internal import CommandLanguage
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

    let node: NodeReference
    var cut: LaterCut?

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
            """,
        example: "partition r1", seeAlso: ["heal", "reconnect", "lag"], changesState: true,
        triedWords: ["cut", "disconnect", "isolate", "unplug", "split", "block"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(node)
        try context.ask(self) { () throws(LabFailure) in
            if let cut {
                try context.lab.partition(replica, cut.way, after: cut.byteCount)
            } else {
                try context.lab.partition(replica)
            }
        }
        let upstream = before.upstream(of: replica)
        let link = "the link between \(upstream) and \(replica)"
        guard let cut, cut.byteCount > 0 else {
            let ways = cut.map { " for what \($0.way == .wal ? upstream : replica) sends" } ?? ""
            return Reply(
                lines: ["\(link) is cut\(ways); neither end is told"]
                    + context.consequences(since: before),
                json: [["replica": .string(replica), "link": "cut"]])
        }
        let sender = cut.way == .wal ? upstream : replica
        return Reply(
            lines: [
                "\(link) will be cut behind the next "
                    + "\(CountText.of(cut.byteCount, "byte")) from \(sender)"
            ] + context.consequences(since: before),
            json: [
                [
                    "replica": .string(replica), "link": "to be cut", "from": .string(sender),
                    "bytes": .int(cut.byteCount),
                ]
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension PartitionCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("REPLICA")
        let way: WireWay? =
            switch arguments.choice("WAY", of: WayWord.self) {
            case .wal: .wal
            case .feedback: .feedback
            case nil: nil
            }
        guard way != nil || arguments["N"] != nil else { return }
        cut = LaterCut(byteCount: try arguments.count("N", Self.byteCounts), way: way ?? .wal)
    }
}
