import LabClock
import Network

/// The reads of a mixed load, each at its own instant and under every policy.
///
/// - What else is due at an instant happens before its reads, its writes' OKs among them.
/// - Reads that wait for a replica hold up no others. It stops at the first that failed.
/// - Touched on the loop only, which is what `@unchecked Sendable` stands on.
final class ReadRun: @unchecked Sendable {
    /// So many reads of one instant go out in one go; the lab comes to rest in between.
    private static let breath = 64
    private static let owner = "load reads"

    private let cluster: Cluster
    private let load: MixedLoad
    /// How many of the load's writes are acknowledged.
    private let written: () -> Int
    private let began: LabInstant
    private var draws: SeededDraws
    private(set) var asked = 0
    /// Answers and failures, of all policies.
    private var settled = 0
    private(set) var counts: ReadCounts
    private(set) var failure: LabFailure?
    private var isCancelled = false
    /// The next reads' instant has come.
    private var isDue = false

    init(_ cluster: Cluster, _ load: MixedLoad, seed: UInt64, written: @escaping () -> Int) {
        self.cluster = cluster
        self.load = load
        self.written = written
        began = cluster.now
        // Two runs of one lab do not read the same keys.
        draws = SeededDraws(seed: seed ^ UInt64(bitPattern: began.nanoseconds))
        counts = ReadCounts(load.policies)
    }

    /// When the last read has its answer at the latest.
    var lastInstant: LabInstant {
        began.advanced(by: load.readOffset(max(0, load.reads - 1)))
            .advanced(by: ReadPolicy.longestWait)
    }
    var isFinished: Bool {
        isCancelled
            || settled == asked * load.policies.count
                && (failure != nil || asked == load.reads)
    }

    /// Sends the next reads, at their instant.
    func step() {
        guard failure == nil, asked < load.reads, !isCancelled else { return end() }
        let due = began.advanced(by: load.readOffset(asked))
        cluster.lab.stepper.schedule(at: due, owner: Self.owner) { [self] in isDue = true }
        cluster.lab.stepper.addLull(Self.owner) { [self] in rest() }
    }

    /// The lab has come to rest, and may have more to do at this instant: a timer fires when it has
    /// not.
    private func rest() -> Bool {
        guard isDue else { return false }
        isDue = false
        cluster.lab.stepper.schedule(at: cluster.now, owner: Self.owner) { [self] in send() }
        return false
    }

    /// ^C, or no answer in time: no more reads.
    func cancel(because reason: LabFailure) {
        if !isFinished { failure = failure ?? reason }
        isCancelled = true
        end()
    }

    private func end() { cluster.lab.stepper.removeLull(Self.owner) }

    private func send() {
        guard !isCancelled else { return }
        guard !cluster.lab.stepper.isInterrupted else { return cancel(because: .interrupted) }
        repeat {
            sendOne()
        } while asked < load.reads && asked % Self.breath != 0
            && began.advanced(by: load.readOffset(asked)) <= cluster.now
        step()
    }

    private func sendOne() {
        asked += 1
        let (reader, owner) = nextReader()
        let token = cluster.ledger.newest(of: load.key(of: reader)).map(ReadToken.init)
        for policy in load.policies {
            cluster.ask(
                RoutedReads.Request(
                    key: load.key(of: owner), policy: policy, token: token,
                    ownsKey: reader == owner, asked: cluster.now
                ) { [self] in heard($0) })
        }
    }

    /// Who reads, and whose key: half of the reads are of the reader's own.
    private func nextReader() -> (reader: Int, owner: Int) {
        let writers = written() > 0 ? min(load.users, written()) : load.users
        let reader = draws.number(below: writers)
        guard writers > 1, draws.isOne(in: 2) else { return (reader, reader) }
        return (reader, (reader + 1 + draws.number(below: writers - 1)) % writers)
    }

    private func heard(_ answer: Result<RoutedReport, LabFailure>) {
        settled += 1
        switch answer {
        case .success(let report): counts.add(report)
        case .failure(let reason): failure = failure ?? reason
        }
    }
}

extension Lab {
    /// Writes and reads at a pace. The clock ends at the last of them, or when the last read that
    /// waited for a replica has its answer.
    package func load(_ load: MixedLoad, on node: String) throws(LabFailure) -> MixedReport {
        let seed = seed
        let (writes, reads) = try onLoop { cluster throws(LabFailure) in
            try cluster.begin(load, on: node, seed: seed)
        }
        let last = max(writes.lastInstant, reads.lastInstant)
        let end = run { _ in
            .condition(by: last.advanced(by: Self.patience)) {
                writes.isFinished && (reads.isFinished || writes.failure != nil)
                    || reads.failure != nil
            }
        }
        return onLoop { cluster in
            let reason =
                end == .interrupted
                ? LabFailure.interrupted : .tookTooLong(what: "the load", bound: Self.patience)
            cluster.progress.end()
            cluster.lagWatch.turn(at: cluster.now)
            writes.cancel(because: writes.isFinished ? reason : reads.failure ?? reason)
            reads.cancel(because: reads.isFinished ? reason : writes.failure ?? reason)
            cluster.giveUpReads()
            return MixedReport(
                writes: writes.report, reads: reads.counts, asked: reads.asked,
                failure: writes.failure ?? reads.failure)
        }
    }
}

extension Cluster {
    fileprivate func begin(
        _ load: MixedLoad, on node: String, seed: UInt64
    ) throws(LabFailure) -> (LoadRun, ReadRun) {
        if load.writes > 0 {
            _ = try process(of: node)
            if let open = openTransaction { throw .transactionIsOpen(node: open.node) }
        }
        for name in load.policies.compactMap(\.node) { _ = try process(of: name) }
        let writes = LoadRun(
            self, count: load.writes, byteCount: load.byteCount, node: node,
            key: { load.key(of: ($0 - 1) % load.users) }, offset: load.writeOffset)
        let reads = ReadRun(self, load, seed: seed) { writes.acknowledged }
        if load.writes > 0 { progress.begin(load.writes) }
        lagWatch.turn(at: now)
        writes.step()
        reads.step()
        return (writes, reads)
    }
}
