/// One client that asks, waits for the answer, and asks again.
final class SoleClient {
    private let client: QueryClient
    private var nextRequest: () -> [UInt8]

    /// Asks the same thing each time.
    init(_ client: QueryClient, _ request: [UInt8]) {
        self.client = client
        nextRequest = { request }
    }

    /// Inserts a new row each time, with the keys of this client number.
    init(_ client: QueryClient, inserting number: Int) {
        self.client = client
        var statement = InsertStatement(client: number)
        nextRequest = { statement.next() }
    }

    func run(_ duration: Duration) throws(BenchFailure) -> Pace {
        let watch = Stopwatch()
        var count = 0
        while watch.elapsed < duration {
            try client.socket.send(nextRequest())
            try client.awaitReady()
            count += 1
        }
        return Pace(count: count, elapsed: watch.elapsed)
    }
}
