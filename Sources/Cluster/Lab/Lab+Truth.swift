import DatabaseNode
import Network
import Storage
import WALFormat

// The lab held against its invariants.
extension Lab {
    /// What does not hold now; cheap enough for every command of every test: of the logs it reads
    /// what is new.
    ///
    /// Once a command has damaged files there is nothing to say: a log that was cut and written on
    /// breaks what it likes. `verify` says it all the same.
    ///
    /// - Parameter truth: keeps what it saw for the next time.
    package func checkTruth(_ truth: inout TruthChecker) -> [Breach] {
        guard onLoop({ cluster in !cluster.hasDamagedFiles }) else { return [] }
        var (moment, size) = truthMoment()
        moment.comparisons = truth.compareLogs(moment, size) { node, lineage, from, upTo in
            guard let files = try? fileSystem(of: node) else { return nil }
            return files.logBytes(of: lineage, size, from: from, upTo: upTo)
        }
        if truth.mustAudit(moment) { moment.loss = try? lost() }
        return truth.judge(moment).flatMap(\.breaches)
    }

    /// Every invariant with its evidence: the nodes' directories are compared whole, and the ledger
    /// is held against the primary's disk.
    package func verify(_ truth: inout TruthChecker) -> [InvariantReport] {
        var (moment, _) = truthMoment()
        moment.comparisons = moment.pairsToCompare.map { comparison(of: $0, $1) }
        moment.loss = try? lost()
        return truth.judge(moment)
    }

    private func truthMoment() -> (TruthMoment, SegmentSize) {
        var (moment, size) = onLoop { cluster in (cluster.truthMoment, cluster.segmentSize) }
        moment.retention = retention()
        return (moment, size)
    }

    private func comparison(of first: String, _ second: String) -> NodeComparison {
        do throws(LabFailure) {
            return NodeComparison(first, second, try diff(first, second))
        } catch {
            return NodeComparison(
                first: first, second: second, walByteCount: 0, comparedTables: false,
                outcome: .unknown("a disk cannot be read"))
        }
    }
}

extension Cluster {
    fileprivate var truthMoment: TruthMoment {
        var moment = TruthMoment(standing: standing)
        moment.ledger = ledger
        moment.promotions = timelines.costs
        for node in nodes {
            moment.starts[node.name] = node.startCount
            moment.heldByteCounts[node.name] = node.link.map {
                [$0.heldByteCount(.downstream), $0.heldByteCount(.upstream)]
            }
        }
        return moment
    }

    fileprivate var segmentSize: SegmentSize {
        nodes.lazy.compactMap(\.process).first?.database.segmentSize ?? .oneMebibyte
    }
}

extension TruthMoment {
    /// Each replica and its upstream; another primary and the one that the word means.
    fileprivate var pairsToCompare: [(String, String)] {
        snapshot.nodes.compactMap { node in
            guard node.has != nil else { return nil }
            switch node.role {
            case .primary:
                return node.name == snapshot.primary ? nil : (snapshot.primary, node.name)
            case .standby(let upstream): return (upstream, node.name)
            }
        }
    }
}

extension NodeComparison {
    fileprivate init(_ first: String, _ second: String, _ found: DirectoryComparison) {
        let outcome: Outcome =
            switch found.outcome {
            case .identical: .equal
            case .unknowable, .outOfReach: .equal
            case .different(let difference):
                difference.file.hasPrefix("pg_wal/")
                    ? .logsDiffer("\(difference.file) at byte \(difference.offset)")
                    : .tablesDiffer("\(difference.file) at byte \(difference.offset)")
            }
        self.init(
            first: first, second: second, walByteCount: found.walByteCount, comparedTables: true,
            outcome: outcome)
    }
}
