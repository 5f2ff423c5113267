/// Something that is so in every lab at every moment of stillness, whatever was done to it.
///
/// - It judges values alone; it asks no node, reads no disk and changes nothing.
/// - It knows no excuse: what damage to files leads to, done by a command or not, breaks it.
protocol Invariant: Sendable {
    /// A few words that tell it from the others; it never changes.
    var name: String { get }
    /// What is always so, in one sentence.
    var sentence: String { get }
    /// Holds it against a moment, and where something may not change, against one before.
    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement
}

/// What became of holding an invariant against a moment.
struct Judgement: Hashable, Sendable {
    /// What shows that it holds.
    var evidence: String
    /// Where it does not.
    var faults: [Fault] = []

    /// One place where an invariant does not hold.
    struct Fault: Hashable, Sendable {
        let nodes: [String]
        let evidence: String
    }

    init(_ evidence: String) {
        self.evidence = evidence
    }

    /// `1 commit`, `2 commits`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    mutating func found(_ nodes: String..., evidence: String) {
        faults.append(Fault(nodes: nodes, evidence: evidence))
    }
}

/// One place where an invariant does not hold: a defect of the lab, or files that were damaged.
package struct Breach: Hashable, Sendable, CustomStringConvertible {
    /// The invariant's name.
    package let invariant: String
    /// The nodes it is about.
    package let nodes: [String]
    /// What was found, in words.
    package let evidence: String

    /// `equal logs: p and r1 …`
    package var description: String { "\(invariant): \(evidence)" }
}

/// How one invariant stands, and what shows it.
package struct InvariantReport: Hashable, Sendable {
    package let name: String
    package let sentence: String
    /// What shows that it holds; of no use when it does not.
    package let evidence: String
    package let breaches: [Breach]

    package var holds: Bool { breaches.isEmpty }

    init(_ invariant: any Invariant, _ judgement: Judgement) {
        name = invariant.name
        sentence = invariant.sentence
        evidence = judgement.evidence
        breaches = judgement.faults.map {
            Breach(invariant: invariant.name, nodes: $0.nodes, evidence: $0.evidence)
        }
    }
}
