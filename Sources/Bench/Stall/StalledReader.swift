internal import WALFormat
internal import WireProtocol

/// A replication client that asks a lab for its WAL and then never reads.
final class StalledReader {
    /// The log is this far ahead of what was sent when the stream counts as stalled.
    private static let stallByteCount = 2 << 20
    /// More WAL than any system keeps for a connection.
    private static let mostByteCount = 256 << 20

    /// What can be seen of its stream from outside.
    struct Sight: Hashable {
        /// WAL that the sender has sent to it, and what is in its log beyond.
        let sent: Int
        let unsent: Int
        /// Bytes of the stream in the system's hands.
        let inKernel: Int

        /// WAL that the sender has taken from its log and still holds. The stream's headers are
        /// in the system's hands but are no WAL, so this is a little too small: 30 bytes a message.
        var held: Int { max(0, sent - inKernel) }
    }

    private let start: LSN
    private let reader: QueryClient
    private let observer: QueryClient
    private let queue: KernelQueue

    /// Connects, begins the stream and reads the first byte of the answer: nothing after it.
    init(_ lab: LabServer) throws(BenchFailure) {
        observer = try lab.client()
        start = try Self.end(observer)
        let port = try lab.port()
        reader = try QueryClient(port: port, user: LabServer.user, replication: true)
        queue = KernelQueue(
            ports: [UInt16(truncatingIfNeeded: port), try reader.socket.ownPort()])
        let command = ReplicationCommand.startReplication(
            slot: nil, at: start, timeline: .first)
        try reader.socket.send(FrontendMessage.query(command.description).encoded())
        var byte: [UInt8] = [0]
        guard try reader.socket.receive(into: &byte) == 1, byte[0] != UInt8(ascii: "E") else {
            throw .server("it refused \(command)")
        }
    }

    /// Writes until the sender cannot send any further; `write` writes some.
    func stall(_ write: () throws(BenchFailure) -> Void) throws(BenchFailure) {
        while true {
            try write()
            let sight = try look()
            if sight.unsent >= Self.stallByteCount { return }
            guard sight.sent < Self.mostByteCount else {
                throw .lab("a reader that does not read was sent all of \(sight.sent) bytes")
            }
        }
    }

    /// - Throws: when the sender has given it up.
    func look() throws(BenchFailure) -> Sight {
        let text = try observer.value("SELECT sent_lsn FROM pg_stat_replication")
        guard let sent = LSN(text) else { throw .server("\(text) is no position") }
        let end = try Self.end(observer)
        return Sight(
            sent: Int(sent.rawValue - start.rawValue), unsent: Int(end.rawValue - sent.rawValue),
            inKernel: try queue.byteCount())
    }

    private static func end(_ client: QueryClient) throws(BenchFailure) -> LSN {
        let text = try client.value("SELECT pg_current_wal_flush_lsn()")
        guard let end = LSN(text) else { throw .server("\(text) is no position") }
        return end
    }
}
