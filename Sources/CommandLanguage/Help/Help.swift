package import JSON

/// The help texts, all made from the command table; lines fit in 78 cells and are plain ASCII.
package struct Help {
    let table: CommandTable

    /// The help on the commands of a table.
    package init(_ table: CommandTable) {
        self.table = table
    }

    /// The widest line.
    package static let width = 78

    /// What `help` and `help TOPIC` print; without a topic, every command by task.
    package func lines(_ topic: HelpTopic? = nil) -> [String] {
        switch topic {
        case .command(let spec): page(spec)
        case .group(let group): section(group, among: table.specs(in: group))
        case .syntax: Self.syntax
        case .page: markdown
        case nil: overview
        }
    }

    /// The same as JSON: the commands the topic is about, one object each.
    package func json(_ topic: HelpTopic? = nil) -> [JSONValue] {
        let specs =
            switch topic {
            case .command(let spec): [spec]
            case .group(let group): table.specs(in: group)
            case .syntax, .page, nil: table.specs
            }
        return specs.map { spec in
            [
                "command": .string(spec.name), "group": .string(spec.group.rawValue),
                "usage": .string(spec.usage), "summary": .string(spec.summary),
                "example": .string(spec.example),
                "see_also": .array(spec.seeAlso.map { .string($0) }),
            ]
        }
    }

    private var overview: [String] {
        let sections = CommandGroup.allCases.flatMap {
            section($0, among: table.specs) + [""]
        }
        return sections + [
            "'help promote' explains a command, 'help syntax' how commands are written."
        ]
    }

    /// A group's commands, their summaries in one column for all that are shown.
    private func section(_ group: CommandGroup, among shown: [CommandSpec]) -> [String] {
        let widest = shown.map(\.briefUsage.utf8.count).max() ?? 0
        return ["\(group.title) (\(group.rawValue))"]
            + table.specs(in: group).map { spec in
                let padding = String(repeating: " ", count: widest - spec.briefUsage.utf8.count)
                return "  \(spec.briefUsage)\(padding)  \(spec.summary)"
            }
    }

    private func page(_ spec: CommandSpec) -> [String] {
        let usage = Self.wrapped(spec.usage, width: Self.width - 4)
        var lines = [usage[0]] + usage.dropFirst().map { "    " + $0 }
        lines += ["  \(spec.summary)", ""]
        lines += spec.paragraphs.flatMap { Self.wrapped($0, width: Self.width) }
        lines += ["", "example:   \(spec.example)"]
        if !spec.spellings.isEmpty {
            lines.append("also:      \(spec.spellings.joined(separator: "  "))")
        }
        lines.append("see also:  \(spec.seeAlso.joined(separator: ", "))")
        return lines
    }

    private static let syntax = [
        "verb [target] [arguments] [name=value]",
        "",
        "  set pay:7 100        words are separated by spaces",
        "  set note 'two words' quotes keep a text together; so does \"...\"",
        "  set a\\;b 1           a backslash keeps the next character as it is",
        "  set a 1; set b 2     a semicolon separates commands",
        "  status  # look       from # on, a comment",
        "  get r1 pay:7         a node comes first; without one it is the primary",
        "  crash primary        'primary' is whichever node is the primary now",
        "  status --json        any command can answer in JSON",
        "",
        "Durations are a number and a unit: ns, us, ms, s, m, h. 800ms, 1.5s, 250us.",
        "After 'every' also a fraction: 1s/15 is exactly fifteen times a second.",
        "Positions in the WAL are LSNs as PostgreSQL prints them: 0/1000060.",
        "At the prompt TAB completes, and the beginning of a verb will do: pro r1.",
    ]

    /// Breaks a text at spaces into lines of at most `width` cells.
    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.utf8.count + 1 + word.utf8.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? word : " " + word
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
