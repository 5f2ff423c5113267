internal import CommandLanguage

/// A command about the conversation itself rather than the lab.
protocol HostCommand: Command {
    /// Carries it out.
    func run(by host: any CommandHost) throws(Failure) -> Reply
}

/// What a command may ask of the conversation it is typed in.
protocol CommandHost: AnyObject {
    /// All commands there are.
    var table: CommandTable { get }

    /// No further command is carried out.
    func end()
}
