internal import LabClock

/// Draws sessions: a lab's settings and lines of commands, the same from the same seed.
///
/// It is no model of the lab. It keeps in mind only what it has typed itself, which node it made
/// the primary and which it took down, so that most commands make sense; some are meant not to.
///
/// - Commands come from ``DrawRule``'s list; one that is not there is drawn as its own example.
/// - A third of all sessions, four ninths of those that are not plain, have failing disks; some
///   have damaged files.
/// - One in four is plain: verbs, keys and values that the model understands, a command a
///   line.
package struct SessionDraw {
    /// The verbs of a plain session: those whose effects the independent model knows.
    static let plainVerbs: Set = [
        "set", "get", "delete", "load", "partition", "lag", "heal", "crash", "stop", "restart",
        "promote", "follow", "reconnect", "basebackup", "wait", "status", "lost", "wal", "diff",
    ]

    var draws: SeededDraws
    let nodes: [String]
    /// The node that was promoted last.
    var primary = "p"
    /// The nodes that were taken down, in the order of their names.
    var downNodes: [String] = []
    let isPlain: Bool
    private let rules: [(weight: Int, rule: DrawRule)]

    private init(replicas: Int, _ draws: SeededDraws) {
        self.draws = draws
        nodes = ["p"] + (0..<replicas).map { "r\($0 + 1)" }
        let isPlain = self.draws.isOne(in: 4)
        self.isPlain = isPlain
        let theme = self.draws.pick(DrawTheme.allCases)
        let hasDiskFaults = self.draws.number(below: 9) < 4
        let hasDamage = self.draws.isOne(in: 8)
        rules = DrawRule.all.compactMap { rule -> (weight: Int, rule: DrawRule)? in
            guard !isPlain || SessionDraw.plainVerbs.contains(rule.verb) else { return nil }
            return switch rule.needs {
            case .diskFaults where !hasDiskFaults, .damage where !hasDamage: nil
            case .diskFaults, .damage, .nothing:
                (rule.weight * (theme.verbs.contains(rule.verb) ? 4 : 1), rule)
            }
        }
    }

    /// The session of a seed.
    package static func script(
        seed: UInt64, commandCounts: ClosedRange<Int> = 30...60
    ) -> SessionScript {
        var draws = SeededDraws(seed: seed)
        let replicas = draws.pick([0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 5])
        let count =
            commandCounts.lowerBound
            + draws.number(below: commandCounts.upperBound - commandCounts.lowerBound + 1)
        let labSeed = UInt64(draws.number(below: 1000))
        var session = SessionDraw(replicas: replicas, draws)
        return SessionScript(
            replicas: replicas, seed: labSeed, lines: session.lines(commandCount: count))
    }

    /// Most lines are one command; some join two or three.
    private mutating func lines(commandCount: Int) -> [String] {
        var lines: [String] = []
        var rest = commandCount
        while rest > 0 {
            let count = min(rest, !isPlain && draws.isOne(in: 8) ? 2 + draws.number(below: 2) : 1)
            lines.append((0..<count).map { _ in command() }.joined(separator: "; "))
            rest -= count
        }
        return lines
    }

    private mutating func command() -> String {
        let weights = rules.map { $0.weight * urgency(of: $0.rule.verb) }
        var choice = draws.number(below: weights.reduce(0, +))
        let index = weights.firstIndex { weight in
            choice -= weight
            return choice < 0
        }
        let text = rules[index ?? 0].rule.draw(&self)
        return draws.isOne(in: 12) ? text + " --json" : text
    }

    /// A lab without a primary, or with most nodes down, is soon mended: nothing happens in it.
    private func urgency(of verb: String) -> Int {
        switch verb {
        case "promote" where downNodes.contains(primary): 8
        case "restart" where downNodes.count * 2 > nodes.count: 12
        case "restart" where !downNodes.isEmpty: 3
        default: 1
        }
    }
}

/// What a session is mostly about: these verbs come four times as often.
private enum DrawTheme: CaseIterable {
    case everything, failover, wires, disks, transactions, retention

    var verbs: [String] {
        switch self {
        case .everything: []
        case .failover:
            [
                "crash", "stop", "restart", "promote", "follow", "basebackup", "reconnect", "lost",
                "salvage", "rewind",
            ]
        case .wires:
            [
                "lag", "partition", "heal", "reconnect", "wait", "load", "link", "slow", "freeze",
                "thaw",
            ]
        case .disks: ["disk", "damage", "checkpoint", "vacuum", "crash", "restart", "diff"]
        case .transactions: ["begin", "commit", "rollback", "set", "get", "delete"]
        case .retention: ["slot", "slots", "config", "checkpoint", "load", "basebackup"]
        }
    }
}
