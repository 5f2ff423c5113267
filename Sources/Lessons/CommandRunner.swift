/// A lab as a lesson sees it: a line goes in, lines come out, and facts can be looked at.
///
/// Lessons never reaches past this protocol: not to a node, a socket or a disk. A conforming lab
/// prints the same bytes for the same settings and the same lines, on every machine.
public protocol CommandRunner {
    /// Runs one prompt line (which may hold several commands joined by `;`).
    func run(_ line: String) -> CommandOutcome

    /// Looks at one fact without changing anything: `["role", "r2"]` may give `primary`.
    ///
    /// - Returns: the value as a person would write it; nil when there is no such value.
    func observe(_ subject: [String]) -> String?

    /// Ends the lab and gives back what it held. Called once, after the last command.
    func close()
}

/// What one prompt line did.
public struct CommandOutcome: Hashable, Sendable {
    /// Standard output and errors in the order they were printed, without line ends.
    public var lines: [String]
    /// A command of the line failed.
    public var failed: Bool
    /// The line ended the session.
    public var quit: Bool

    /// An outcome; by default one that neither failed nor ended the session.
    public init(lines: [String], failed: Bool = false, quit: Bool = false) {
        self.lines = lines
        self.failed = failed
        self.quit = quit
    }
}

/// Starts a fresh lab; throws when it cannot.
public typealias LabFactory = (LabSettings) throws -> any CommandRunner

/// What a file may choose about its lab: the words after `start` in its setup fence.
public struct LabSettings: Hashable, Sendable {
    /// How many replicas follow the primary.
    public var replicas: Int
    /// Decides every random draw of the lab.
    public var seed: UInt64

    /// The settings of a file; by default those of a file that has no `start`.
    public init(replicas: Int = 2, seed: UInt64 = 1) {
        self.replicas = replicas
        self.seed = seed
    }

    /// Reads `start replicas=2 seed=1`. Nil when the command is not `start`.
    init?(parsing command: String) throws(DocumentProblem) {
        let words = command.split(separator: " ")
        guard words.first == "start" else { return nil }
        self.init()
        var seen: Set<Substring> = []
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : ""
            guard seen.insert(parts[0]).inserted else { throw .badStart(String(word)) }
            switch parts[0] {
            case "replicas":
                guard let count = Int(value), count >= 0 else { throw .badStart(String(word)) }
                replicas = count
            case "seed":
                guard let number = UInt64(value) else { throw .badStart(String(word)) }
                seed = number
            default: throw .badStart(String(word))
            }
        }
    }
}
