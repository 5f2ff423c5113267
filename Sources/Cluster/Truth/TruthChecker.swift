import DatabaseNode
import WALFormat

/// Holds the lab against its invariants, and keeps what it saw for the next time: that nothing goes
/// back is seen by two looks only.
///
/// - It compares every byte of log once, when it is new; whoever wants all of it compared again
///   brings comparisons of whole directories (`Lab.verify`).
package struct TruthChecker: Sendable {
    /// Reads a stretch of a node's log within one segment; nil when its file is gone.
    typealias LogReader = (_ node: String, _ lineage: Lineage, _ from: LSN, _ upTo: LSN) -> [UInt8]?

    private var seen: TruthMoment?
    /// The part of each node's log that was held against another's.
    private var compared: [String: LogExtent] = [:]

    /// It has seen nothing yet.
    package init() {}

    /// Whether the ledger must be held against the primary's disk: it is another log than before.
    func mustAudit(_ now: TruthMoment) -> Bool {
        seen.map { !now.hasSamePrimary(as: $0) } ?? false
    }

    /// Judges a moment by all invariants.
    mutating func judge(_ now: TruthMoment) -> [InvariantReport] {
        defer { seen = now }
        return Invariants.all.map { InvariantReport($0, $0.judge(now, after: seen)) }
    }

    /// Holds what is new in the running nodes' logs against the log of one of them, as far as they
    /// go together.
    mutating func compareLogs(
        _ now: TruthMoment, _ size: SegmentSize, read: LogReader
    ) -> [NodeComparison] {
        let nodes = now.running.filter { $0.has != nil }
        guard let reference = nodes.first(where: { $0.name == now.snapshot.primary }) ?? nodes.first
        else { return [] }
        return nodes.filter { $0.name != reference.name }.compactMap { node in
            guard let stretch = Stretch(reference, node, compared[node.name], now.retention) else {
                return nil
            }
            compared[node.name] = LogExtent(stretch.log.lineage, end: stretch.end)
            return stretch.compare(size, read)
        }
    }
}

/// What two nodes' logs have in common and nobody has compared yet.
private struct Stretch {
    let names: (String, String)
    let reference: LogExtent
    let log: LogExtent
    let start: LSN
    let end: LSN

    /// Nil: there is nothing to compare.
    init?(
        _ first: LabSnapshot.Node, _ second: LabSnapshot.Node, _ compared: LogExtent?,
        _ retention: [RetentionReport]
    ) {
        guard let reference = first.has?.log, let log = second.has?.log else { return nil }
        names = (first.name, second.name)
        self.reference = reference
        self.log = log
        let begins = retention.filter { [first.name, second.name].contains($0.node) }
            .map(\.oldest)
        start = max(compared?.sharedEnd(with: log) ?? .invalid, begins.max() ?? .invalid)
        end = log.sharedEnd(with: reference)
        guard start < end else { return nil }
    }

    func compare(_ size: SegmentSize, _ read: TruthChecker.LogReader) -> NodeComparison {
        var outcome = NodeComparison.Outcome.equal
        var position = start
        while position < end, outcome == .equal {
            let stop = min(end, size.start(of: size.number(containing: position) + 1))
            if let mine = read(names.0, reference.lineage, position, stop),
                let theirs = read(names.1, log.lineage, position, stop), mine != theirs
            {
                let same = zip(mine, theirs).prefix { $0 == $1 }.count
                outcome = .logsDiffer("the byte at \(position.advanced(by: same))")
            }
            position = stop
        }
        return NodeComparison(
            first: names.0, second: names.1, walByteCount: end - start, comparedTables: false,
            outcome: outcome)
    }
}
