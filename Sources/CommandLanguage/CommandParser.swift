/// Reads lines into commands.
///
/// A value without memory: the same line in the same context is always the same command. A line is
/// read whole before anything of it runs, so a mistake in its second command keeps the first from
/// running.
public struct CommandParser: Sendable {
    /// What is known of the lab.
    public let context: ParsingContext
    private let table = CommandTable.standard

    /// How many commits one `load` may make.
    public static let loadLimits = 1...10_000_000
    /// How many records one `tail` may show.
    public static let tailLimits = 1...1_000_000_000
    /// How long `load` may make its values: they fit on a page.
    public static let valueLimits = 1...8_000
    /// What `load` puts before the colon of its keys when not told otherwise.
    public static let defaultLoadPrefix = "k"
    /// The name of no slot, in `slot use none r1`.
    public static let noSlot = "none"

    /// Makes a parser for a lab with these names.
    public init(context: ParsingContext) {
        self.context = context
    }

    /// The commands of a line, none for an empty line or a comment. A line end inside it separates
    /// commands as `;` does.
    public func parse(_ line: String) throws(CommandError) -> [ParsedCommand] {
        do throws(Fault) { return try commands(of: line) } catch {
            throw CommandError(error, in: line)
        }
    }

    private func commands(of line: String) throws(Fault) -> [ParsedCommand] {
        let tokens = Tokenizer(line)
        if let fault = tokens.fault { throw fault }
        var commands: [ParsedCommand] = []
        for statement in tokens.statements { commands.append(try parse(statement, in: line)) }
        return commands
    }

    private func parse(_ statement: [Word], in line: String) throws(Fault) -> ParsedCommand {
        guard let first = statement.first, let last = statement.last else {
            preconditionFailure("the tokenizer made a command without words")
        }
        let spec = try spec(named: first)
        let binder = try ArgumentBinder(spec: spec, statement: statement, context: context)
        let range = first.range.lowerBound..<last.range.upperBound
        return ParsedCommand(
            command: binder.wantsHelp
                ? .help(.command(spec.verb)) : try command(BoundArguments(binder)),
            wantsJSON: binder.wantsJSON,
            text: String(decoding: Array(line.utf8)[range], as: UTF8.self))
    }

    private func spec(named word: Word) throws(Fault) -> CommandSpec {
        if let spec = table.spec(named: word.raw) ?? table.spec(named: word.text) { return spec }
        let verbs = table.verbs(beginningWith: word.text)
        if context.isInteractive, !word.text.isEmpty {
            if verbs.count == 1, let spec = table.spec(named: verbs[0]) { return spec }
            if verbs.count > 1 { throw Fault(.ambiguousCommand(word.text, verbs: verbs), at: word) }
        }
        let similar = table.verbs(similarTo: word.text)
        throw Fault(.unknownCommand(word.raw, similar: similar), at: word)
    }

    /// The typed command of bound words: the one place that knows both.
    private func command(_ arguments: BoundArguments) throws(Fault) -> Command {
        switch arguments.verb {
        case .set:
            .set(
                node: try arguments.optionalNode("NODE"), key: try arguments.key("KEY"),
                value: try arguments.text("VALUE"))
        case .get: .get(node: try arguments.optionalNode("NODE"), key: try arguments.key("KEY"))
        case .delete:
            .delete(node: try arguments.optionalNode("NODE"), key: try arguments.key("KEY"))
        case .load: try load(arguments)
        case .begin: .begin(node: try arguments.optionalNode("NODE"))
        case .commit: .commit
        case .rollback: .rollback
        case .status: .status
        case .wal:
            .wal(
                node: try arguments.optionalNode("NODE"),
                range: try arguments.optionalRange("RANGE"), raw: arguments["RAW"] != nil)
        case .page:
            .page(node: try arguments.optionalNode("NODE"), block: try arguments.block("N"))
        case .diff: .diff(try arguments.node("NODE"), try arguments.node("OTHER"))
        case .lag:
            if arguments["REPLICA"] == nil {
                .lag
            } else {
                .lagSet(
                    node: try arguments.node("REPLICA"), delay: try arguments.duration("DELAY"))
            }
        case .partition: try partition(arguments)
        case .heal: .heal(node: try arguments.optionalNode("REPLICA"))
        case .reconnect: .reconnect(node: try arguments.node("REPLICA"))
        case .slots: .slots
        case .slot: try slot(arguments)
        case .follow:
            .follow(try arguments.node("REPLICA"), upstream: try arguments.node("UPSTREAM"))
        case .attach: try attach(arguments)
        case .detach:
            .detach(name: arguments["NAME"] == nil ? nil : try arguments.text("NAME"))
        case .crash:
            .crash(
                node: try arguments.node("NODE"),
                wire: arguments["WIRE"].flatMap { WireFate(rawValue: $0.text) } ?? .drop,
                disk: arguments["KEPT"].flatMap { UnsyncedFate(rawValue: $0.text) })
        case .stop: .stop(node: try arguments.node("NODE"))
        case .restart: .restart(node: try arguments.node("NODE"))
        case .checkpoint: .checkpoint(node: try arguments.optionalNode("NODE"))
        case .vacuum: .vacuum(node: try arguments.optionalNode("NODE"))
        case .disk:
            .disk(node: try arguments.node("NODE"), try arguments.diskCondition("CONDITION"))
        case .damage: .damage(node: try arguments.node("NODE"), try arguments.damage("WHAT"))
        case .promote: .promote(node: try arguments.node("REPLICA"))
        case .lost: .lost
        case .basebackup: .basebackup(try basebackup(arguments))
        case .wait: .wait(try arguments.duration("D"))
        case .config: try config(arguments)
        case .connect: .connect
        case .tail: .tail(try tail(arguments))
        case .help: .help(try arguments.optionalTopic("TOPIC"))
        case .quit: .quit
        }
    }

    private func slot(_ arguments: BoundArguments) throws(Fault) -> Command {
        let name = try arguments.text("NAME")
        switch try arguments.slotAction("ACTION") {
        case .create: return .slotCreate(name: name, node: try arguments.optionalNode("NODE"))
        case .drop: return .slotDrop(name: name, node: try arguments.optionalNode("NODE"))
        case .use:
            let node = try arguments.node("NODE")
            return .slotUse(name: name == Self.noSlot ? nil : name, node: node)
        }
    }

    private func partition(_ arguments: BoundArguments) throws(Fault) -> Command {
        let node = try arguments.node("REPLICA")
        let way = arguments["WAY"].flatMap { LaterCut.Way(rawValue: $0.text) }
        guard way != nil || arguments["N"] != nil else { return .partition(node: node) }
        let count = try arguments.count("N", LaterCut.byteCounts)
        return .partition(node: node, LaterCut(after: count, way ?? .wal))
    }

    private func attach(_ arguments: BoundArguments) throws(Fault) -> Command {
        try arguments.check("ROLE", isAmong: [CommandTable.foreignRole])
        return .attach(name: try arguments.text("NAME"))
    }

    private func config(_ arguments: BoundArguments) throws(Fault) -> Command {
        let name = try arguments.optionalSetting("NAME")
        guard let name, arguments["VALUE"] != nil else { return .config(name: name) }
        return .configSet(name: name, value: try arguments.text("VALUE"))
    }

    private func basebackup(_ arguments: BoundArguments) throws(Fault) -> BackupRequest {
        BackupRequest(
            replica: try arguments.node("REPLICA"), source: try arguments.optionalNode("NODE"),
            rate: try arguments["KBPS"].map { _ throws(Fault) in
                try arguments.count("KBPS", CommandTable.backupRates)
            }, waits: arguments["NOWAIT"] == nil)
    }

    private func tail(_ arguments: BoundArguments) throws(Fault) -> TailRequest {
        var request = TailRequest()
        request.host = try arguments.assigned("HOST", default: request.host)
        request.user = try arguments.assigned("USER", default: request.user)
        if arguments["PORT"] != nil {
            request.port = try arguments.count("PORT", 1...Int(UInt16.max))
        }
        if arguments["LSN"] != nil { request.start = try arguments.position("LSN") }
        if arguments["SLOT"] != nil { request.slot = try arguments.assigned("SLOT", default: "") }
        if arguments["N"] != nil { request.count = try arguments.count("N", Self.tailLimits) }
        return request
    }

    private func load(_ arguments: BoundArguments) throws(Fault) -> Command {
        let count = try arguments.count("N", Self.loadLimits)
        let interval = try arguments.optionalInterval("D")
        if let interval, let word = arguments["D"], interval.offset(ofEvent: count) > .longest {
            throw Fault(.loadTooLong(count: count, every: interval), at: word)
        }
        let prefix =
            arguments["PREFIX"] == nil ? Self.defaultLoadPrefix : try arguments.key("PREFIX")
        let byteCount =
            arguments["BYTES"] == nil ? nil : try arguments.count("BYTES", Self.valueLimits)
        return .load(count: count, every: interval, prefix: prefix, byteCount: byteCount)
    }
}

extension CommandError {
    /// Finds the terminal cells of a fault: its own line's, when the text has several.
    fileprivate init(_ fault: Fault, in text: String) {
        let bytes = Array(text.utf8)
        let start = min(fault.range.lowerBound, bytes.count)
        let lineStart = (bytes[..<start].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        let end = min(max(start, fault.range.upperBound), bytes.count)
        let beyond = fault.range.lowerBound - start
        self.init(
            fault.problem,
            column: DisplayWidth.of(String(decoding: bytes[lineStart..<start], as: UTF8.self))
                + beyond,
            width: DisplayWidth.of(String(decoding: bytes[start..<end], as: UTF8.self)))
    }
}
