internal import Cluster

/// What a file may choose about its lab: the words after `start` in its setup fence.
extension LabOptions {
    /// The lab of a file that chooses nothing.
    static let ofLesson = LabOptions(replicas: 2, seed: 1)

    /// Reads `start replicas=2 seed=1`. Nil when the command is not `start`.
    init?(parsing command: String) throws(DocumentProblem) {
        let words = command.split(separator: " ")
        guard words.first == "start" else { return nil }
        self = .ofLesson
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
