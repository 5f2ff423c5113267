/// One client's commits, each timed.
final class CommitDelays {
    private let client: QueryClient
    private let interruption: Interruption
    private var statement = InsertStatement(client: 1)
    private var rounds: [Delays] = []

    init(_ client: QueryClient, interruption: Interruption) {
        self.client = client
        self.interruption = interruption
    }

    /// All that count: the first round warmed up.
    var delays: Delays {
        rounds.dropFirst().reduce(into: Delays()) { $0.append($1) }
    }

    func run(_ duration: Duration) throws(BenchFailure) -> Pace {
        let watch = Stopwatch()
        var delays = Delays()
        while watch.elapsed < duration {
            try interruption.check()
            let single = Stopwatch()
            try client.socket.send(statement.next())
            try client.awaitReady()
            delays.append(single.elapsed)
        }
        rounds.append(delays)
        return Pace(count: delays.count, elapsed: watch.elapsed)
    }
}
