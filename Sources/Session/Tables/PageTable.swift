internal import CommandLanguage
internal import JSON
internal import Storage
internal import TableFormat
internal import WALFormat

/// One page of a table laid open: the header under PostgreSQL's names, a row for each line pointer
/// with the version of a row it leads to, and what the numbers stand for. PostgreSQL: the
/// pageinspect extension.
struct PageTable {
    private static let header: [TextTable.Column] = [
        .text("lsn"), .number("checksum"), .number("lower"), .number("upper"), .number("special"),
        .number("free"), .number("prune xid"), .text("flags"),
    ]
    private static let columns: [TextTable.Column] = [
        .number("item"), .number("at"), .number("bytes"), .number("xmin"), .number("xmax"),
        .text("ctid"), .text("infomasks"), .text("key"), .text("value"), .text("row"),
    ]

    private let page: PageView
    private let node: String
    /// The node is down: the page is as its file has it, whatever its log would make of it.
    private let isFromFile: Bool

    init(_ page: PageView, of node: String, isFromFile: Bool) {
        self.page = page
        self.node = node
        self.isFromFile = isFromFile
    }

    /// Header, line pointers, and what their numbers mean.
    var lines: [String] {
        let title = "page \(page.block) of \(node)" + (isFromFile ? ", as its file has it" : "")
        guard !page.isNeverWritten else { return [title, "never written: all zeros"] }
        guard !page.lines.isEmpty else { return [title] + headerLines + ["no line pointers"] }
        var table = TextTable(Self.columns)
        for line in page.lines { table.append(line.cells(on: page.block)) }
        return [title] + headerLines + table.lines + transactionLines + flagLines
    }

    /// The members of the answer's object.
    var json: JSONValue {
        [
            "node": .string(node), "page": .int(Int(page.block)),
            "from": .string(isFromFile ? "file" : "memory"),
            "lsn": .string(page.lsn.description), "checksum": .int(Int(page.checksum)),
            "flags": .array(page.flagNames.map { .string($0) }), "lower": .int(page.lower),
            "upper": .int(page.upper), "special": .int(page.special),
            "free": .int(page.freeByteCount), "prune_xid": .int(Int(page.pruneXID.rawValue)),
            "lines": .array(page.lines.map { $0.json(on: page.block) }),
        ]
    }

    private var headerLines: [String] {
        var table = TextTable(Self.header)
        table.append([
            page.lsn.description, String(page.checksum), String(page.lower), String(page.upper),
            String(page.special), String(page.freeByteCount), page.pruneXID.orDash,
            page.flagNames.isEmpty ? "-" : page.flagNames.joined(separator: " "),
        ])
        return table.lines
    }

    /// How the transactions named on the page ended: `3 and 4 committed; 5 aborted`.
    private var transactionLines: [String] {
        var ended: [TransactionStatus: Set<TransactionID>] = [:]
        for tuple in page.lines.compactMap(\.tuple) {
            ended[tuple.xminStatus, default: []].insert(tuple.xmin)
            if let status = tuple.xmaxStatus { ended[status, default: []].insert(tuple.xmax) }
        }
        let clauses = [TransactionStatus.committed, .aborted, .inProgress].compactMap { status in
            ended[status].map { "\(Self.list($0.sorted())) \(status.verb($0.count))" }
        }
        return Words.wrapped("transactions: " + clauses.joined(separator: "; "), width: 80)
    }

    /// What the two flag words of the rows say, each pair once: `0002 0902: HEAP_…`.
    private var flagLines: [String] {
        var names: [String: [String]] = [:]
        for tuple in page.lines.compactMap(\.tuple) { names[tuple.infomasks] = tuple.flagNames }
        return names.sorted { $0.key < $1.key }.map {
            "\($0.key): \($0.value.joined(separator: " "))"
        }
    }

    /// Numbers that follow each other are drawn together: `3 to 9 and 12`.
    private static func list(_ xids: [TransactionID]) -> String {
        var runs: [(first: UInt32, last: UInt32)] = []
        for xid in xids.map(\.rawValue) {
            if let run = runs.last, xid == run.last &+ 1 {
                runs[runs.count - 1].last = xid
            } else {
                runs.append((xid, xid))
            }
        }
        return Words.list(
            runs.flatMap { run in
                switch run.last - run.first {
                case 0: ["\(run.first)"]
                case 1: ["\(run.first)", "\(run.last)"]
                default: ["\(run.first) to \(run.last)"]
                }
            })
    }
}

extension PageView.Line {
    fileprivate func cells(on block: UInt32) -> [String] {
        guard let tuple else {
            let place = byteCount > 0 ? [String(offset), String(byteCount)] : ["-", "-"]
            return [String(item)] + place + ["-", "-", "-", "-", "-", "-", state.text]
        }
        return [
            String(item), String(offset), String(byteCount), "\(tuple.xmin.rawValue)",
            tuple.xmax.orDash, tuple.ctid, tuple.infomasks, Words.quoted(tuple.key, limit: 12),
            Words.quoted(tuple.value, limit: 8), tuple.fateText(item, on: block),
        ]
    }

    fileprivate func json(on block: UInt32) -> JSONValue {
        let pointer: [(String, JSONValue)] = [
            ("item", .int(item)), ("state", .string(state.text)), ("offset", .int(offset)),
            ("length", .int(byteCount)),
        ]
        return .members(pointer + (tuple?.json(item, on: block) ?? []))
    }
}

extension PageView.Tuple {
    /// The next version's place, as PostgreSQL prints it.
    fileprivate var ctid: String { "(\(nextBlock),\(nextItem))" }

    /// Both flag words in hex, `t_infomask2` first.
    fileprivate var infomasks: String { "\(Self.hex(infomask2)) \(Self.hex(infomask))" }

    /// What became of it, in a word or two; by whom, xmin and xmax say.
    fileprivate func fateText(_ item: Int, on block: UInt32) -> String {
        let verb = nextBlock == block && Int(nextItem) == item ? "deleted" : "replaced"
        return switch fate {
        case .live: "live"
        case .beingMade: "not committed"
        case .beingDeleted: "being \(verb)"
        case .deleted: verb
        case .neverWas: "never counted"
        }
    }

    fileprivate func json(_ item: Int, on block: UInt32) -> [(String, JSONValue)] {
        [
            ("xmin", .int(Int(xmin.rawValue))), ("xmin_status", .string(xminStatus.text)),
            ("xmax", .int(Int(xmax.rawValue))), ("xmax_status", .optional(xmaxStatus?.text)),
            ("ctid", .string(ctid)), ("infomask2", .int(Int(infomask2))),
            ("infomask", .int(Int(infomask))), ("flags", .array(flagNames.map { .string($0) })),
            ("key", .string(key)), ("value", .string(value)),
            ("row", .string(fateText(item, on: block))),
        ]
    }

    private static func hex(_ word: UInt16) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}

extension TransactionStatus {
    /// As PostgreSQL's `pg_xact_status` has it.
    fileprivate var text: String {
        switch self {
        case .inProgress: "in progress"
        case .committed: "committed"
        case .aborted: "aborted"
        }
    }

    fileprivate func verb(_ count: Int) -> String {
        self == .inProgress ? "\(Words.verb(count, "is", "are")) in progress" : text
    }
}

extension TransactionID {
    fileprivate var orDash: String { self == .invalid ? "-" : String(rawValue) }
}

extension LinePointer.State {
    /// PostgreSQL's `LP_UNUSED` and on.
    fileprivate var text: String {
        switch self {
        case .unused: "unused"
        case .normal: "normal"
        case .redirect: "redirect"
        case .dead: "dead"
        }
    }
}
