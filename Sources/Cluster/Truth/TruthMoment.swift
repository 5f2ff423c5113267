import DatabaseNode
import WALFormat

/// All that the invariants are judged by: the lab at one moment of stillness, as values.
struct TruthMoment: Sendable {
    var standing: Standing
    /// The WAL that each running node keeps.
    var retention: [RetentionReport] = []
    /// How often each node was started: while the number stays, its process is the same.
    var starts: [String: Int] = [:]
    /// What clients were told.
    var ledger = ClientLedger()
    /// What each promotion was said to cost, and did.
    var promotions: [PromotionCost] = []
    /// Bytes that each replica's wire holds, both ways.
    var heldByteCounts: [String: [Int]] = [:]
    /// The ledger held against the primary's disk; nil: it was not asked, or cannot be read.
    var loss: LossReport?
    /// What came of holding nodes' files against each other.
    var comparisons: [NodeComparison] = []

    var snapshot: LabSnapshot { standing.snapshot }
    var running: [LabSnapshot.Node] { snapshot.nodes.filter(\.isRunning) }

    /// The acknowledged writes that the primary's log does not hold, by their numbers.
    var gone: Set<ClientLedger.ID> {
        guard let log = standing.end?.log else { return [] }
        return Set(
            ledger.acknowledged.filter { !log.contains($0.acknowledgement.position) }.map(
                \.entry.id))
    }

    /// Whether the primary is the same process on the same timeline.
    func hasSamePrimary(as other: TruthMoment) -> Bool {
        snapshot.primary == other.snapshot.primary
            && starts[snapshot.primary] == other.starts[snapshot.primary]
            && standing.end?.log.lineage.current == other.standing.end?.log.lineage.current
    }
}

/// Two nodes' files held against each other.
struct NodeComparison: Hashable, Sendable {
    /// What came out.
    enum Outcome: Hashable, Sendable {
        case equal
        /// The logs differ, as described.
        case logsDiffer(String)
        /// The tables, or which transactions committed, differ as described.
        case tablesDiffer(String)
        /// It could not be done, as described.
        case unknown(String)
    }

    let first: String
    let second: String
    /// Bytes of log compared.
    let walByteCount: Int
    /// The tables were compared too, page by page.
    let comparedTables: Bool
    let outcome: Outcome
}
