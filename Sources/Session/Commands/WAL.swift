internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// `wal`: records of a node's own log, without a range its last ones; `raw` adds their bytes, and
/// `stats` counts them instead.
struct WALCommand: LabCommand {
    let node: NodeReference?
    let range: WALRange?
    var isRaw = false
    var countsOnly = false

    static let spec = CommandSpec(
        "wal", .look,
        [
            .optionalNode, CommandParameter("RANGE", .range, .optional),
            CommandParameter("RAW", .none, .flag("--raw")),
            CommandParameter("STATS", .none, .flag("--stats")),
        ],
        summary: "list records of a node's WAL",
        details: """
            The write-ahead log is the ordered record of every physical change, addressed by \
            LSN, a byte offset into all WAL ever written. RANGE is 0/1000060 for the one \
            record that holds this position, 0/1000060.. for all from there on, ..0/1000060 \
            for all before it. Without a node it is the primary's. With --raw each record's \
            own bytes follow, 16 a line. In the file there is more: zeros up to the next \
            multiple of 8 behind a record, and every 8192 bytes a page header of 24 bytes (40 \
            at a segment's start), also in the middle of a record that runs over it; these are \
            no part of the record.
            A COMMIT is followed by what its transaction made of which keys, as the records \
            before it have it; '...' when the log may lack some of them.
            With --stats records are counted instead, all that there are or those of RANGE, and \
            what 'config wal_compression' has made of images of whole pages.
            """,
        example: "wal r1 0/1000028.. --raw", seeAlso: ["status", "page", "lag"],
        changesState: false,
        triedWords: ["log", "xlog", "waldump", "pg_waldump", "records", "binlog"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let name = context.look().name(node ?? .primary)
        let all = try context.ask(self) { () throws(LabFailure) in
            try context.lab.records(of: name)
        }
        let shown = countsOnly && range == nil ? all : all.within(range)
        guard !shown.isEmpty else { throw nothingThere(name, all) }
        if countsOnly {
            let statistics = WALStatistics(shown)
            return Reply(lines: context.events() + statistics.lines, json: [statistics.json])
        }
        let before = range == nil ? all.count - shown.count : 0
        let hidden =
            before > 0
            ? ["... \(CountText.of(before, "record")) before; 'wal \(name) ..\(shown[0].start)'"]
            : []
        return Reply(
            lines: context.events() + hidden + WALTable(shown, raw: isRaw).lines,
            json: shown.map { $0.json(raw: isRaw) })
    }

    private func nothingThere(_ name: String, _ all: [WALLine]) -> Failure {
        guard let first = all.first, let last = all.last else {
            return Failure("the log of \(name) holds no record", advice: "status")
        }
        return Failure(
            "the log of \(name) has no record there; it runs from \(first.start) to \(last.end)",
            advice: "wal \(name) \(first.start)..\(last.end)")
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension WALCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
        range = try arguments.optionalRange("RANGE")
        isRaw = arguments["RAW"] != nil
        countsOnly = arguments["STATS"] != nil
        if isRaw, let word = arguments["STATS"] {
            throw Fault(
                .unfit("records are shown or counted, not both", advice: "--raw, or --stats"),
                at: word)
        }
    }
}

extension [WALLine] {
    /// Without a range so many are shown.
    private static var shownCount: Int { 20 }

    fileprivate func within(_ range: WALRange?) -> [WALLine] {
        switch range {
        case nil: suffix(Self.shownCount)
        case .record(let position): filter { $0.start <= position && position < $0.end }
        case .records(let from, let upTo):
            filter { line in
                from.map { line.start >= $0 } ?? true && upTo.map { line.start < $0 } ?? true
            }
        }
    }
}
