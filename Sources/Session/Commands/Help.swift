internal import CommandLanguage
internal import JSON

/// `help`: what the commands are, or what one of them does.
struct HelpCommand: HostCommand {
    let topic: HelpTopic?

    static let spec = CommandSpec(
        "help", .session, [CommandParameter("TOPIC", .topic, .optional)],
        summary: "explain the commands, or one of them",
        details: """
            'help promote' explains a command, 'help failover' the commands of a task, 'help \
            syntax' how commands are written. 'promote --help' does the same as 'help \
            promote'.
            """,
        example: "help promote", seeAlso: ["quit"], changesState: false,
        spellings: ["?", "\\?"],
        triedWords: ["man", "commands", "\\h", ".help", ":help", ":h", "h"])

    func run(by host: any CommandHost) throws(Failure) -> Reply {
        let help = Help(host.table)
        return Reply(lines: help.lines(topic), json: help.json(topic))
    }
}

extension HelpCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        topic = try arguments.optionalTopic("TOPIC")
    }
}
