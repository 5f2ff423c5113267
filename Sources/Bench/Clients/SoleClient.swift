/// One client that asks, waits for the answer, and asks again. It is connected while it runs.
final class SoleClient {
    /// How it gets its connection.
    typealias Connecting = () throws(BenchFailure) -> QueryClient

    private let connect: Connecting
    private var nextRequest: () -> [UInt8]

    /// Asks the same thing each time.
    init(_ connect: @escaping Connecting, _ request: [UInt8]) {
        self.connect = connect
        nextRequest = { request }
    }

    /// Inserts a new row each time, with the keys of this client number.
    init(_ connect: @escaping Connecting, inserting number: Int) {
        self.connect = connect
        var statement = InsertStatement(client: number)
        nextRequest = { statement.next() }
    }

    func run(_ duration: Duration) throws(BenchFailure) -> Pace {
        let client = try connect()
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
