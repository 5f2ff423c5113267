internal import Exploration

/// Random commands for one lab, without an end, the same from the same seed: one drawn session
/// after the other.
///
/// Damage to files is left out: what follows from it is no defect. So is what tells of ports.
struct SoakJournal: Sequence, IteratorProtocol {
    static let replicaCount = 3

    private var seed: UInt64
    private var lines: [String] = []

    init(seed: UInt64) { self.seed = seed }

    mutating func next() -> String? {
        while lines.isEmpty {
            lines = SessionDraw.script(seed: seed).lines.reversed().filter { line in
                !["damage", "connect"].contains { line.contains($0) }
            }
            seed += 1
        }
        return lines.removeLast()
    }
}
