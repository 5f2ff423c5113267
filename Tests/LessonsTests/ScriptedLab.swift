import Lessons

/// A lab of a few commands, for tests: it keeps facts in memory and prints what it is told to.
///
/// - `say WORD…` prints its words, one a line; `set NAME VALUE` keeps a fact and prints `OK`.
/// - `fail WORD…` prints its words and fails; `quit` ends the session.
/// - `print TEXT` prints the text with `\s`, `\t`, `\e` for blank, tab and escape.
/// - `starts` prints how many labs were started before this one: never the same twice.
final class ScriptedLab: CommandRunner {
    private let world: World
    private let ordinal: Int
    private var facts: [String: String]

    /// What the labs of one test share: only the test looks at it.
    final class World {
        var settings: [LabSettings] = []
        var open = 0

        func start(_ settings: LabSettings) -> any CommandRunner {
            self.settings.append(settings)
            open += 1
            return ScriptedLab(self, settings)
        }
    }

    private init(_ world: World, _ settings: LabSettings) {
        self.world = world
        ordinal = world.settings.count - 1
        facts = ["replicas": "\(settings.replicas)", "lag r1": "800ms"]
    }

    func run(_ line: String) -> CommandOutcome {
        let words = line.split(separator: " ").map(String.init)
        let rest = Array(words.dropFirst())
        switch words.first {
        case "say": return CommandOutcome(lines: rest)
        case "print": return CommandOutcome(lines: [unescaped(rest.joined(separator: " "))])
        case "fail": return CommandOutcome(lines: rest, failed: true)
        case "starts": return CommandOutcome(lines: ["\(ordinal) labs before"])
        case "quit": return CommandOutcome(lines: [], quit: true)
        case "set" where rest.count == 2:
            facts[rest[0]] = rest[1]
            return CommandOutcome(lines: ["OK"])
        default: return CommandOutcome(lines: ["unknown command: \(line)"], failed: true)
        }
    }

    func observe(_ subject: [String]) -> String? { facts[subject.joined(separator: " ")] }

    func close() { world.open -= 1 }

    private func unescaped(_ text: String) -> String {
        var text = text
        for (escape, character) in [("\\s", " "), ("\\t", "\t"), ("\\e", "\u{1B}")] {
            text = text.replacing(escape, with: character)
        }
        return text
    }
}
