internal import CommandLanguage
internal import JSON

/// `quit`: the session is over.
struct QuitCommand: HostCommand {
    static let spec = CommandSpec(
        "quit", .session, [],
        summary: "leave the lab",
        details: "Stops every node and ends the session, as Ctrl-D on an empty line does.",
        example: "quit", seeAlso: ["help"], changesState: false,
        spellings: ["exit", "\\q", ":q", ".quit"],
        triedWords: ["bye", "logout", "q", ":wq", ".exit"])

    func run(by host: any CommandHost) throws(Failure) -> Reply {
        host.end()
        return Reply(json: [["quit": true]])
    }
}

extension QuitCommand {
    init(_ arguments: BoundArguments) {}
}
