/// How long after its confirmation a row is to be seen on the replica, on an otherwise idle link.
///
/// One thread: it has the primary's answer before it asks the replica for the first time.
final class RowVisibility {
    /// Rows of one round.
    static let roundCount = 100

    private let pair: ReplicatedPair
    private let interruption: Interruption
    private var number = 0

    init(_ pair: ReplicatedPair, interruption: Interruption) {
        self.pair = pair
        self.interruption = interruption
    }

    /// Row after row, each seen before the next is written. The pace is that of the median row:
    /// as if each had taken so long.
    func run() throws(BenchFailure) -> Pace {
        var delays = Delays()
        for _ in 0..<Self.roundCount {
            try interruption.check()
            delays.append(try nextRow())
        }
        return Pace(count: delays.count, elapsed: delays.percentile(50) * delays.count)
    }

    private func nextRow() throws(BenchFailure) -> Duration {
        number += 1
        let key = "seen:\(number)"
        try pair.primary.ask("INSERT INTO \(pair.table)(key, value) VALUES ('\(key)', 'x')")
        let question = "SELECT value FROM \(pair.table) WHERE key = '\(key)'"
        let watch = Stopwatch()
        while try pair.replica.ask(question).isEmpty {
            guard watch.elapsed < .seconds(LoopbackSocket.patienceSeconds) else {
                throw .server("the replica does not show \(key)")
            }
        }
        return watch.elapsed
    }
}
