/// One argument of a command: what it is called in the usage, what it means, how it is written.
public struct CommandParameter: Hashable, Sendable {
    /// How an argument is written.
    public enum Form: Hashable, Sendable {
        /// `KEY`
        case required
        /// `[NODE]`
        case optional
        /// `[REPLICA DELAY]`: like optional, but neighbours of this form come together or not at
        /// all.
        case paired
        /// `[every D]`: a word that announces its argument.
        case keyword(String)
        /// `[wire=drop|deliver]`: a name, an equals sign, one of the choices.
        case option(String, choices: [String])
    }

    /// The name in the usage line, upper case.
    public let name: String
    /// What kind of word it takes: decides its checks and its completion.
    public let kind: ArgumentKind
    /// How it is written.
    public let form: Form

    init(_ name: String, _ kind: ArgumentKind, _ form: Form = .required) {
        self.name = name
        self.kind = kind
        self.form = form
    }

    /// Whether the command may be given without it.
    public var isOptional: Bool { form != .required }

    /// Whether it is found by its place, not by a word before it.
    var isPositional: Bool {
        switch form {
        case .required, .optional, .paired: true
        case .keyword, .option: false
        }
    }

    /// As the usage shows it, without the brackets of what is optional.
    var label: String {
        switch form {
        case .required, .optional, .paired: name
        case .keyword(let word): "\(word) \(name)"
        case .option(let option, let choices): "\(option)=\(choices.joined(separator: "|"))"
        }
    }

    /// The arguments of a usage line: `[NODE] KEY VALUE`.
    static func usage(of parameters: [CommandParameter]) -> String {
        var parts: [String] = []
        var previousIsPaired = false
        for parameter in parameters {
            if parameter.form == .paired, previousIsPaired, let open = parts.popLast() {
                parts.append("\(open.dropLast()) \(parameter.label)]")
            } else {
                parts.append(parameter.isOptional ? "[\(parameter.label)]" : parameter.label)
            }
            previousIsPaired = parameter.form == .paired
        }
        return parts.joined(separator: " ")
    }
}

/// What an argument's word means.
public enum ArgumentKind: Hashable, Sendable {
    /// Any node's name, or `primary`.
    case node
    /// A node that should not be the primary; whether it is one is for the session to judge.
    case replica
    /// A key of the table.
    case key
    /// A length of lab time, `800ms`.
    case duration
    /// A length of lab time that may be a fraction, `1s/15`.
    case interval
    /// A whole number.
    case number
    /// A WAL position or a range of them, `0/1000060..`.
    case range
    /// The name of a setting.
    case setting
    /// What `help` can explain.
    case topic
    /// Any text.
    case free
    /// One of the choices of an option.
    case choice
}
