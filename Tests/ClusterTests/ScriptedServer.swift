import Network
import WALFormat
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// A server that says what it is told to, on a loop of its own: an outside program to the lab.
final class ScriptedServer: Sendable {
    /// What is answered to a message.
    enum Answer: Sendable {
        case say([UInt8])
        /// Say this, then close.
        case close([UInt8])
    }

    typealias Script = @Sendable (FrontendMessage) -> Answer

    let port: Int
    private let loop = LabLoop()

    /// A server that begins to speak, with `opening`, before it was spoken to.
    init(opening: [UInt8] = [], _ script: @escaping Script) throws {
        let loop = loop
        port = try loop.perform {
            try loop.listen { connection in
                connection.handler = Talk(script)
                connection.send(opening)
            }.port
        }
    }

    deinit { loop.shutDown() }

    private final class Talk: ConnectionHandler {
        private let script: Script
        private var decoder = FrontendDecoder()

        init(_ script: @escaping Script) { self.script = script }

        func received(_ bytes: [UInt8], on connection: Connection) {
            decoder.feed(bytes)
            while let message = try? decoder.next() {
                if decoder.phase == .authenticating { decoder.enter(.commands) }
                if case .query(let text) = message, text.hasPrefix("START_REPLICATION") {
                    decoder.enter(.copyingBoth)
                }
                switch script(message) {
                case .say(let bytes): connection.send(bytes)
                case .close(let bytes):
                    connection.send(bytes)
                    return connection.close()
                }
            }
        }

        func closed(_ connection: Connection) {}
    }
}

extension ScriptedServer {
    /// A server with this log, which it sends as it is told to. Its client may leave at any time.
    static func serving(
        _ log: ServedLog,
        heard: @escaping @Sendable (StandbyStatus) -> Answer? = { _ in nil },
        stream: @escaping @Sendable (LSN) -> Answer
    ) throws -> ScriptedServer {
        try ScriptedServer { message in
            switch message {
            case .startup: return .say(greeting)
            case .query(let text):
                if text.hasPrefix("SHOW") { return .say(log.size) }
                if text == "IDENTIFY_SYSTEM" { return .say(log.identity) }
                let command = try? ReplicationCommand.parse(text)
                guard case .startReplication(_, let start, _)? = command else { return .close([]) }
                return stream(start)
            case .copyDone:
                return .say(
                    encoded([.copyDone, .commandComplete("COPY 0"), .readyForQuery(.idle)]))
            case .copyData(let payload):
                guard case .statusUpdate(let status)? = try? ReplicationMessage(decoding: payload)
                else { return .close([]) }
                return heard(status) ?? .say([])
            case .terminate: return .close([])
            default: return .say([])
            }
        }
    }

    static func encoded(_ messages: [BackendMessage]) -> [UInt8] {
        messages.flatMap { $0.encoded() }
    }

    static let greeting = encoded([
        .authenticationOK, .parameterStatus(name: "server_version", value: "15.9"),
        .backendKeyData(processID: 1, secretKey: 2), .readyForQuery(.idle),
    ])
}

/// A stretch of log that begins a segment, and what a reader must find in it.
struct ServedLog: Sendable {
    static let cluster: UInt64 = 7_711_137_902_952_545_720
    static let start = LSN(0x200_0000)

    let segmentSize: SegmentSize
    private(set) var bytes: [UInt8] = []
    private(set) var records: [(start: LSN, end: LSN)] = []

    /// Records of many lengths, up to several pages, over `byteCount` bytes and a little more.
    init(byteCount: Int, segmentSize: SegmentSize = .oneMebibyte) {
        self.segmentSize = segmentSize
        var inserter = WALInserter(
            systemIdentifier: Self.cluster, timeline: .first, segmentSize: segmentSize,
            at: Self.start, previous: LSN(0x1FF_FF00))
        while inserter.insertLSN - Self.start < byteCount {
            let number = records.count
            let content = [UInt8](repeating: UInt8(number % 251), count: number * 977 % 30_011)
            let placed = inserter.insert(
                WALRecord(
                    xid: TransactionID(UInt32(700 + number)),
                    body: .logicalMessage(transactional: true, prefix: "t", content: content)))
            records.append((placed.start, placed.end))
            bytes += inserter.takePending()?.bytes ?? []
        }
    }

    var end: LSN { Self.start.advanced(by: bytes.count) }

    /// One bit of the byte at a position is the other way round.
    func damaged(at position: LSN) -> ServedLog {
        var copy = self
        copy.bytes[position - Self.start] ^= 1
        return copy
    }

    var size: [UInt8] {
        ScriptedServer.encoded(
            ShowReply(name: "wal_segment_size", value: segmentSize.label).messages
                + [.readyForQuery(.idle)])
    }

    var identity: [UInt8] {
        ScriptedServer.encoded(
            IdentifySystemReply(systemIdentifier: Self.cluster, timeline: .first, flushLSN: end)
                .messages + [.readyForQuery(.idle)])
    }

    /// The log from a position on, in messages of so many bytes.
    func stream(from position: LSN, upTo last: LSN? = nil, pieceByteCount: Int) -> [UInt8] {
        let upTo = (last ?? end) - Self.start
        var stream = BackendMessage.copyBothResponse().encoded()
        for offset in stride(from: position - Self.start, to: upTo, by: pieceByteCount) {
            let piece = bytes[offset..<min(offset + pieceByteCount, upTo)]
            let data = XLogData(
                start: Self.start.advanced(by: offset), walEnd: end,
                sentAt: PostgresTime(microseconds: 0), bytes: Array(piece))
            stream += ReplicationMessage.xLogData(data).framed()
        }
        return stream
    }
}
