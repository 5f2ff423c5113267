internal import Cluster
internal import CommandLanguage
internal import JSON
internal import SQLServer

/// `config`: the settings, or one of them; with a value: changes one that can be changed while the
/// lab runs.
struct ConfigCommand: LabCommand {
    /// Nil: all of them.
    let name: String?
    var value: String?

    static let spec = CommandSpec(
        "config", .look,
        [
            CommandParameter("NAME", .setting, .optional),
            CommandParameter("VALUE", .settingValue, .further),
        ],
        summary: "show the settings, or change one",
        details: """
            Shows each setting of the lab with its value, under PostgreSQL's name if any. Some \
            can be changed while the lab runs: 'config full_page_writes off' leaves the images \
            of whole pages out of the log, and a page torn by a crash can then not be \
            repaired; 'config wal_compression pglz' compresses these images; 'config \
            wal_sender_timeout 10s' and its like say how long the nodes wait for each other; \
            'config wal_keep_size 4MB' and its like say how much WAL they keep; 'config auth \
            scram' has them ask outside programs for a password; 'config heartbeat_interval 1s' \
            has a client write the time into a row, which 'lag' then reads on each replica.
            """,
        example: "config", seeAlso: ["status", "checkpoint"], changesState: true,
        triedWords: ["settings", "options", "conf", "parameters"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        if let name, let value { return try set(name, value, context) }
        let settings = context.lab.settings().filter { name == nil || $0.name == name }
        guard !settings.isEmpty else {
            throw Failure("no setting \(Words.quoted(name ?? ""))", advice: "config")
        }
        return Reply(
            lines: context.events() + lines(settings),
            json: [["settings": .array(settings.map(json))]])
    }

    private func json(_ setting: LabSetting) -> JSONValue {
        let range = setting.limits?.range
        return [
            "name": .string(setting.name), "value": .string(setting.value),
            "unit": .optional(setting.limits?.unit.rawValue),
            "min": range.map { .int($0.lowerBound) } ?? .null,
            "max": range.map { .int($0.upperBound) } ?? .null,
            "meaning": .string(setting.explanation),
        ]
    }

    private func set(
        _ name: String, _ value: String, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let before = context.look()
        let change = try SettingChange(name, value)
        try context.ask(self) { () throws(LabFailure) in try change.apply(to: context.lab) }
        return Reply(
            lines: [change.sentence] + context.consequences(since: before),
            json: [["name": .string(name), "value": .string(change.shownValue ?? value)]])
    }

    /// Name, value and meaning in columns; a long meaning goes on below itself, and below that
    /// stands what may be set.
    private func lines(_ settings: [LabSetting]) -> [String] {
        var table = TextTable([.text("name"), .text("value"), .text("meaning")])
        let names = settings.map { DisplayWidth.of($0.name) }.max() ?? 0
        let values = settings.map { DisplayWidth.of($0.value) }.max() ?? 0
        let room = max(20, 80 - max(names, 4) - max(values, 5) - 4)
        for setting in settings {
            var meaning = Words.wrapped(setting.explanation, width: room)
            if let limits = setting.limits { meaning.append("(\(limits.text))") }
            table.append([setting.name, setting.value, meaning.first ?? ""])
            for line in meaning.dropFirst() { table.append(["", "", line]) }
        }
        return table.lines
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        value == nil ? nil : general.onWrite(failure)
    }
}

extension ConfigCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        name = try arguments.optionalSetting("NAME")
        value = name == nil ? nil : try arguments.optionalText("VALUE")
    }
}
