/// One argument of a command: what it is called in the usage, what it means, how it is written.
package struct CommandParameter: Hashable, Sendable {
    /// How an argument is written.
    package enum Form: Hashable, Sendable {
        /// `KEY`
        case required
        /// `[NODE]`
        case optional
        /// `[NAME [VALUE]]`: like optional, and only behind the argument before it.
        case further
        /// `[REPLICA DELAY]`: like optional, but neighbours of this form come together or not at
        /// all. What the command does without them: `for the meters`.
        case paired(alone: String)
        /// `[every D]`: a word that announces its argument.
        case keyword(String)
        /// `[wire=deliver]`: a name, an equals sign, one of the choices, the default first.
        case option(String, choices: [String])
        /// `[port=5432]`: a name, an equals sign, any value; this one is an example.
        case assigned(String, example: String)
        /// `[--raw]`: there or not.
        case flag(String)
    }

    /// The name in the usage line, upper case.
    package let name: String
    /// What kind of word it takes: decides its checks and its completion.
    package let kind: ArgumentKind
    /// How it is written.
    package let form: Form

    package init(_ name: String, _ kind: ArgumentKind, _ form: Form = .required) {
        self.name = name
        self.kind = kind
        self.form = form
    }

    /// Whether the command may be given without it.
    package var isOptional: Bool { form != .required }

    /// Whether it is found by its place, not by a word before it.
    var isPositional: Bool {
        switch form {
        case .required, .optional, .further, .paired: true
        case .keyword, .option, .assigned, .flag: false
        }
    }

    /// What stands before the equals sign, of those that have one.
    var optionName: String? {
        switch form {
        case .option(let name, _), .assigned(let name, _): name
        case .required, .optional, .further, .paired, .keyword, .flag: nil
        }
    }

    /// As the usage shows it, without the brackets of what is optional.
    var label: String {
        switch form {
        case .required, .optional, .further, .paired: placeholder
        case .keyword(let word): "\(word) \(name)"
        case .option(let option, let choices):
            // The first is what happens anyway; many would take the line from the others, and the
            // details name them.
            "\(option)=\(choices.count == 2 ? choices[1] : "...")"
        case .assigned(let option, _):
            // `host=H`: the option's own name says enough.
            "\(option)=\(name.asciiLowercased == option ? String(name.prefix(1)) : name)"
        case .flag(let word): word
        }
    }

    /// So many words it can be are shown; more are for the details to name.
    private static let shownAlternativeCount = 4

    /// What stands for the argument's own word: its name, or all the words it can be.
    private var placeholder: String {
        guard case .oneOf(let alternatives) = kind,
            alternatives.count <= Self.shownAlternativeCount
        else { return name }
        return alternatives.map(\.usage).joined(separator: "|")
    }

    /// The arguments of a usage line: `[NODE] KEY VALUE`.
    static func usage(of parameters: [CommandParameter]) -> String {
        var parts: [String] = []
        var previous: Form?
        for parameter in parameters {
            let inBrackets = parts.last.map { $0.dropLast() } ?? ""
            switch parameter.form {
            case .paired where previous?.isPaired == true:
                parts[parts.count - 1] = "\(inBrackets) \(parameter.label)]"
            case .further where previous == .optional:
                parts[parts.count - 1] = "\(inBrackets) [\(parameter.label)]]"
            case .required: parts.append(parameter.label)
            case .optional, .further, .paired, .keyword, .option, .assigned, .flag:
                parts.append("[\(parameter.label)]")
            }
            previous = parameter.form
        }
        return parts.joined(separator: " ")
    }
}

extension CommandParameter.Form {
    /// Whether it comes with its neighbour or not at all.
    var isPaired: Bool {
        switch self {
        case .paired: true
        case .required, .optional, .further, .keyword, .option, .assigned, .flag: false
        }
    }
}

// The arguments that many commands have.
extension CommandParameter {
    package static let node = CommandParameter("NODE", .node)
    package static let optionalNode = CommandParameter("NODE", .node, .optional)
    package static let replica = CommandParameter("REPLICA", .replica)
    package static let key = CommandParameter("KEY", .key)
}

/// What an argument's word means.
package enum ArgumentKind: Hashable, Sendable {
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
    /// A WAL position, `0/1000060`.
    case position
    /// A WAL position or a range of them, `0/1000060..`.
    case range
    /// The name of a setting.
    case setting
    /// A setting's new value.
    case settingValue
    /// What `help` can explain.
    case topic
    /// The name of a replication slot, there or not.
    case slot
    /// Any text.
    case free
    /// One of the choices of an option.
    case choice
    /// No word of its own: a flag.
    case none
    /// One of these words, each with arguments of its own behind it.
    case oneOf([Alternative])
}

/// A word that decides which arguments follow it: `page N OFFSET` of `damage`.
package struct Alternative: Hashable, Sendable {
    package let word: String
    /// The arguments behind it, required and found by their places.
    package let parameters: [CommandParameter]

    package init(_ word: String, _ parameters: [CommandParameter] = []) {
        self.word = word
        self.parameters = parameters
    }

    /// As the usage shows it.
    var usage: String { ([word] + parameters.map(\.label)).joined(separator: " ") }
}
