/// What a worker is asked: to run a session so many times. As text, so that it travels over a pipe:
/// a line of numbers, then the session's lines.
struct WorkerRequest: Hashable {
    var runs: Int
    var script: SessionScript

    var text: String {
        let head = "\(runs) \(script.replicas) \(script.seed) \(script.lines.count)"
        return ([head] + script.lines).map { $0 + "\n" }.joined()
    }

    init(runs: Int, _ script: SessionScript) {
        self.runs = runs
        self.script = script
    }

    /// Nil at the input's end, and for what is no request.
    init?(reading next: () -> String?) {
        let numbers = next()?.split(separator: " ").compactMap { UInt64($0) } ?? []
        guard numbers.count == 4 else { return nil }
        var lines: [String] = []
        for _ in 0..<numbers[3] {
            guard let line = next() else { return nil }
            lines.append(line)
        }
        runs = Int(numbers[0])
        script = SessionScript(replicas: Int(numbers[1]), seed: numbers[2], lines: lines)
    }
}

/// A worker's answer over the same pipe: a word, and how many lines of evidence follow.
extension Verdict {
    /// Only of what a worker can tell of itself.
    var text: String {
        let word =
            switch self {
            case .passed: "passed"
            case .breach: "breach"
            case .differs: "differs"
            case .trapped, .hung, .ended: "lost"
            }
        let lines = evidence.flatMap { $0.split(separator: "\n").map(String.init) }
        return (["\(word) \(lines.count)"] + lines).map { $0 + "\n" }.joined()
    }

    /// Nil when the worker went away in the middle.
    init?(reading next: () -> String?) {
        let words = next()?.split(separator: " ") ?? []
        guard words.count == 2, let count = Int(words[1]) else { return nil }
        var lines: [String] = []
        for _ in 0..<count {
            guard let line = next() else { return nil }
            lines.append(line)
        }
        switch words[0] {
        case "passed": self = .passed
        case "breach": self = .breach(lines)
        case "differs": self = .differs(lines)
        default: return nil
        }
    }
}
