internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// `damage`: the files of a node that is down are not what it wrote.
struct DamageCommand: LabCommand {
    let node: NodeReference
    let damage: Damage

    private enum Word: String, CaseIterable {
        case torn, wal, page
    }

    /// Where a page's bytes are.
    private static let pageOffsets = 0...8191

    private static let words = Word.allCases.map { word in
        switch word {
        case .torn: Alternative(word.rawValue)
        case .wal: Alternative(word.rawValue, [CommandParameter("LSN", .position)])
        case .page:
            Alternative(
                word.rawValue,
                [CommandParameter("N", .number), CommandParameter("BYTE", .number)])
        }
    }

    static let spec = CommandSpec(
        "damage", .storage, [.node, CommandParameter("WHAT", .oneOf(words))],
        summary: "damage the files of a downed node",
        details: """
            Then 'restart' shows what recovery makes of it.
            torn: the log's last record is there in part, as after a power loss while it was \
            written. Expect recovery to cut it off, and the node to start without it.
            wal: one bit of the log's byte at LSN is flipped. In the last record, expect the \
            same. In an earlier one, expect the node to refuse: good records follow, so what \
            is damaged had been acknowledged. Recovery does not read what lies before its redo \
            point; wal and diff do.
            page: one bit of page N of the table is flipped, in the byte at BYTE, 0 to 8191. \
            Expect the page's checksum to tell, and the node to refuse, unless the log it \
            replays holds an image of the whole page. A page is in the file once a checkpoint \
            has brought it there.
            """,
        example: "damage p page 0 100", seeAlso: ["restart", "page", "wal", "disk"],
        changesState: true, triedWords: ["corrupt", "flip", "bitflip", "tear", "torn"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let name = context.look().name(node)
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.damage(name, damage)
        }
        return Reply(
            lines: report.lines(damage) + ["'restart \(name)' shows what recovery makes of it"]
                + context.events(),
            json: [
                [
                    "node": .string(name), "file": .string(report.file),
                    "offset": .int(report.offset), "bytes_gone": .int(report.bytesGone),
                ]
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if case .isUp(let name) = failure {
            return Failure(
                "\(name) is up; only files of a node that is down can be damaged",
                advice: "crash \(name)")
        }
        if case .directory(_, let reason) = failure, case .pageBit(let block, _) = damage {
            let name = general.standing.name(node)
            return Failure(
                "page \(block) is not in \(name)'s file (\(reason.escapedForDisplay))",
                advice: "restart \(name); checkpoint \(name); crash \(name), then damage it")
        }
        return nil
    }
}

extension DamageCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
        switch try arguments.word("WHAT", of: Word.self) {
        case .torn: damage = .tornTail
        case .wal: damage = .walBit(at: try arguments.position("LSN"))
        case .page:
            damage = .pageBit(
                block: try arguments.block("N"),
                offset: try arguments.count("BYTE", Self.pageOffsets))
        }
    }
}

extension DamageReport {
    fileprivate func lines(_ damage: Damage) -> [String] {
        switch damage {
        case .tornTail:
            ["the last \(CountText.bytes(bytesGone)) of \(node)'s log are gone:", place + " on"]
        case .walBit(let lsn): ["one bit of \(node)'s log at \(lsn) is flipped:", place]
        case .pageBit(let block, _):
            ["one bit of page \(block) of \(node)'s table is flipped:", place]
        }
    }

    private var place: String {
        bytesGone > 0 ? "\(file) from byte \(offset)" : "\(file), byte \(offset)"
    }
}
