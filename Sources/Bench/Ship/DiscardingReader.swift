internal import WALFormat
internal import WireProtocol

/// Streams existing WAL from a server, and throws it away.
struct DiscardingReader {
    let port: Int
    let user: String
    let stretch: WALStretch

    /// A connection of its own each time; connecting does not count.
    func run() throws(BenchFailure) -> Pace {
        let client = try QueryClient(port: port, user: user, replication: true)
        let command = ReplicationCommand.startReplication(
            slot: nil, at: stretch.start, timeline: stretch.timeline)
        var scanner = StreamScanner()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let watch = Stopwatch()
        try client.socket.send(FrontendMessage.query(command.description).encoded())
        while scanner.receivedUpTo ?? stretch.start < stretch.end {
            let count = try client.socket.receive(into: &buffer)
            guard count > 0 else { throw .server("it closed the replication connection") }
            buffer.withUnsafeBytes { scanner.feed(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            guard scanner.errorCount == 0 else { throw .server("an error to \(command)") }
        }
        return Pace(count: stretch.byteCount, elapsed: watch.elapsed)
    }
}
