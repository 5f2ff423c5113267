import DatabaseNode
import LabClock
import Network
import WALFormat

/// Many writes one after the other, each its own commit, each begun at its own instant.
///
/// - A write is sent when its instant has come and all of earlier instants are answered. Those of
///   one instant go out together, so many at a time, and share fdatasyncs.
/// - It stops at the first that failed; what was sent with it is answered, or lost, for itself.
/// - Touched on the loop only, which is what `@unchecked Sendable` stands on.
final class LoadRun: @unchecked Sendable {
    /// So many writes of one instant go out in one go; ^C is heard, WAL is sent, and room is made
    /// ahead of the log in between.
    private let breath: Int
    private static let breathByteCount = 64 << 10
    /// After so many commits what all replicas have replayed is forgotten; a power of two.
    private static let commitsRemembered = 1 << 14

    private let cluster: Cluster
    private let node: String
    private let key: (Int) -> String
    private let byteCount: Int
    private let count: Int
    private let began: LabInstant
    private let offset: (Int) -> Duration
    private var asked = 0
    /// OKs.
    private(set) var acknowledged = 0
    /// Answers of any kind, and connections lost instead.
    private var settled = 0
    private var firstAnswer: WriteReport?
    private var lastAnswer: WriteReport?
    private(set) var failure: LabFailure?
    private var isCancelled = false

    init(
        _ cluster: Cluster, count: Int, byteCount: Int, node: String,
        key: @escaping (Int) -> String, offset: @escaping (Int) -> Duration
    ) {
        self.cluster = cluster
        self.count = count
        self.key = key
        self.byteCount = byteCount
        breath = max(1, min(256, Self.breathByteCount / max(1, byteCount)))
        self.node = node
        self.offset = offset
        began = cluster.now
    }

    /// When the last write begins.
    var lastInstant: LabInstant { began.advanced(by: offset(max(0, count - 1))) }
    var isFinished: Bool {
        isCancelled || settled == asked && (failure != nil || asked == count)
    }

    /// Sends the next writes, at their instant.
    func step() {
        guard !isFinished, asked == settled else { return }
        guard !cluster.lab.stepper.isInterrupted else { return cancel(because: .interrupted) }
        let due = began.advanced(by: offset(asked))
        // Now and then the lab is let come to rest, or nothing else would get a word in.
        guard due > cluster.now || asked % breath == 0 else { return send() }
        cluster.lab.stepper.schedule(at: due, owner: "load") { [self] in
            if asked % Self.commitsRemembered == 0 {
                cluster.forgetCommitTimes(known: cluster.snapshot)
            }
            if !isCancelled { send() }
        }
    }

    /// ^C, or no answer in time: no more writes.
    func cancel(because reason: LabFailure) {
        if !isFinished { failure = failure ?? reason }
        isCancelled = true
    }

    /// Sends the next write and those of its instant, up to the next breath.
    private func send() {
        do throws(LabFailure) {
            try cluster.writeTogether(on: node) { () throws(LabFailure) in
                repeat { try sendOne() } while nextGoesAlong
            }
        } catch {
            failure = failure ?? error
        }
    }

    private var nextGoesAlong: Bool {
        failure == nil && asked < count && asked % breath != 0
            && offset(asked) == offset(asked - 1)
    }

    private func sendOne() throws(LabFailure) {
        let number = asked + 1
        try cluster.write(key(number), value(number), on: node) { [self] answer in
            settled += 1
            switch answer {
            case .success(let report):
                acknowledged += 1
                firstAnswer = firstAnswer ?? report
                lastAnswer = report
                cluster.progress.acknowledged()
            case .failure(let reason): failure = failure ?? reason
            }
            step()
        }
        asked = number
    }

    private func value(_ number: Int) -> String {
        let digits = "\(number)"
        return digits + String(repeating: ".", count: max(0, byteCount - digits.utf8.count))
    }

    var report: LoadReport {
        LoadReport(
            node: node, asked: asked, acknowledged: acknowledged, firstLSN: firstAnswer?.lsn,
            lastLSN: lastAnswer?.lsn, firstAcknowledged: firstAnswer?.acknowledgedAt,
            lastAcknowledged: lastAnswer?.acknowledgedAt, failure: failure)
    }
}

extension Lab {
    /// Writes `prefix:1 = 1` and on, each its own commit; write `i`, from 0, begins `offset(i)`
    /// after now. The clock ends at the last one. Values are padded to `byteCount` bytes.
    package func load(
        _ count: Int, prefix: String, byteCount: Int = 0, on node: String,
        offset: @escaping @Sendable (Int) -> Duration
    ) throws(LabFailure) -> LoadReport {
        let load = try onLoop { cluster throws(LabFailure) in
            _ = try cluster.process(of: node)
            if let open = cluster.openTransaction { throw .transactionIsOpen(node: open.node) }
            let load = LoadRun(
                cluster, count: count, byteCount: byteCount, node: node,
                key: { "\(prefix):\($0)" }, offset: offset)
            cluster.progress.begin(count)
            cluster.lagWatch.turn(at: cluster.now)
            load.step()
            return load
        }
        let end = run { _ in
            .condition(by: load.lastInstant.advanced(by: Self.patience)) { load.isFinished }
        }
        return onLoop { cluster in
            cluster.progress.end()
            cluster.lagWatch.turn(at: cluster.now)
            load.cancel(
                because: end == .interrupted
                    ? .interrupted : .tookTooLong(what: "\(node)'s answer", bound: Self.patience))
            return load.report
        }
    }
}
