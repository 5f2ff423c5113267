internal import Cluster
internal import CommandLanguage
internal import JSON

/// `delete`: a commit like any other, of one row or of many.
struct DeleteCommand: LabCommand {
    /// What is deleted.
    enum Rows: Hashable {
        case key(String)
        /// All whose keys begin so.
        case prefix(String)
    }

    let node: NodeReference?
    let rows: Rows

    static let spec = CommandSpec(
        "delete", .write,
        [.optionalNode, .key, CommandParameter("ALL", .none, .flag("--all"))],
        summary: "remove a key, or all that begin so",
        details: """
            A commit like any other: its record goes into the write-ahead log and travels to \
            the replicas. The old row stays on its page, marked with the transaction that \
            removed it. 'delete k:*' removes all rows whose keys begin with k: in one \
            transaction, which is one WAL record a row and one commit; ^C undoes it. \
            'delete * --all' removes every row. In quotes a * is a character like any other.
            """,
        example: "delete pay:7", seeAlso: ["set", "get"], changesState: true,
        triedWords: ["del", "rm", "remove", "unset", "erase"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in
            let name = before.name(node ?? .primary)
            return switch rows {
            case .key(let key): try context.lab.write(key, nil, on: name)
            case .prefix(let prefix):
                try context.lab.deleteAll(beginningWith: prefix, on: name)
            }
        }
        if case .key(let key) = rows { context.note(key: key) }
        let members =
            [("key", .string(typed))] + report.json + [("deleted", .bool(report.rowCount > 0))]
            + (isOfMany ? [("rows", .int(report.rowCount))] : [])
        return Reply(lines: lines(report, since: before, context), json: [.members(members)])
    }

    /// The key, or the beginning with its asterisk.
    private var typed: String {
        switch rows {
        case .key(let key): key
        case .prefix(let prefix): prefix + "*"
        }
    }

    private var isOfMany: Bool {
        switch rows {
        case .key: false
        case .prefix: true
        }
    }

    private func lines(
        _ report: WriteReport, since before: Standing, _ context: CommandContext
    ) -> [String] {
        if report.rowCount == 0 {
            return ["(no such key on \(report.node): nothing deleted)"] + context.events()
        }
        if isOfMany {
            let count = CountText.of(report.rowCount, "row")
            return ["\(count) deleted in one transaction"]
                + (report.isInTransaction
                    ? context.uncommitted(report, othersSee: "everybody else still sees the rows")
                    : context.written(report, since: before))
        }
        return report.isInTransaction
            ? context.uncommitted(report, othersSee: "everybody else still sees the row")
            : context.written(report, since: before)
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        general.onWrite(
            failure, retyped: "delete \(isOfMany ? typed : Words.quoted(typed, limit: .max))")
    }
}

extension DeleteCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
        let (word, key) = (try arguments.word("KEY"), try arguments.key("KEY"))
        guard word.isBare, key.hasSuffix("*") else {
            rows = .key(key)
            guard let flag = arguments["ALL"] else { return }
            throw Fault(.unfit("one row is not all", advice: "delete * --all"), at: flag)
        }
        guard key != "*" || arguments["ALL"] != nil else {
            throw Fault(.unfit("that is every row", advice: "delete * --all"), at: word)
        }
        rows = .prefix(String(key.dropLast()))
    }
}
