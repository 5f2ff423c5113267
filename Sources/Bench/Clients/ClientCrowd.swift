internal import Glibc

/// Clients on one thread, each with one statement under way: what group commit is measured with.
/// They are connected while they run.
final class ClientCrowd {
    private let connect: SoleClient.Connecting
    private var clients: [QueryClient] = []
    private var statements: [InsertStatement]
    private var polled: [pollfd] = []

    /// A crowd of `count`; `firstNumber` keeps their keys apart from other crowds'.
    init(_ count: Int, _ connect: @escaping SoleClient.Connecting, firstNumber: Int) {
        self.connect = connect
        statements = (0..<count).map { InsertStatement(client: firstNumber + $0) }
    }

    private func connectAll() throws(BenchFailure) {
        for _ in statements {
            let client = try connect()
            clients.append(client)
            polled.append(
                pollfd(fd: client.socket.descriptor, events: Int16(POLLIN), revents: 0))
        }
    }

    /// Sends statement after statement on every connection until the time is over, and waits for
    /// the last answers.
    func run(_ duration: Duration) throws(BenchFailure) -> Pace {
        defer { (clients, polled) = ([], []) }
        try connectAll()
        let watch = Stopwatch()
        var done = 0
        var underWay = 0
        for index in clients.indices {
            try sendNext(index)
            underWay += 1
        }
        while underWay > 0 {
            let isOver = watch.elapsed >= duration
            for index in try readable() where try isAnswered(index) {
                done += 1
                underWay -= 1
                if isOver { continue }
                try sendNext(index)
                underWay += 1
            }
        }
        return Pace(count: done, elapsed: watch.elapsed)
    }

    private func isAnswered(_ index: Int) throws(BenchFailure) -> Bool {
        let before = clients[index].answerCount
        return try clients[index].receiveSome() > before
    }

    private func sendNext(_ index: Int) throws(BenchFailure) {
        try clients[index].socket.send(statements[index].next())
    }

    /// The clients that something has arrived for.
    private func readable() throws(BenchFailure) -> [Int] {
        let limit = Int32(LoopbackSocket.patienceSeconds * 1000)
        let count = poll(&polled, nfds_t(polled.count), limit)
        if count < 0, errno == EINTR { return [] }
        guard count > 0 else {
            throw count < 0 ? .failed("poll") : .server("no answer within the bench's patience")
        }
        return polled.indices.filter { polled[$0].revents != 0 }
    }
}
