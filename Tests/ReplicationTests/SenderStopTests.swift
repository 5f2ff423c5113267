import Replication
import Testing
import WALFormat
import WireProtocol

/// A server that stops cleanly. PostgreSQL: `WalSndDone`.
struct SenderStopTests {
    /// The log ends with the shutdown checkpoint.
    private let server = WALSender.Server(flush: 0x1000)
    private let goodbye: [ReplicationConversation.Action] = [
        .send(.commandComplete("COPY 0")), .close,
    ]
    private let ping = ReplicationConversation.Action.keepalive(0x1000, replyRequested: true)

    @Test func `everything is sent, and confirmed, before the connection ends`() {
        var sender = ReplicationConversation.streaming(from: 0x800, server: server)
        #expect(sender.serverStops(server: server) == [])
        #expect(sender.pumpAndRead(server).map(\.piece) == [0x800..<0x1000])
        #expect(sender.pumpAndRead(server) == [ping])
        #expect(!sender.isFinished)
        #expect(sender.hears(write: 0x1000, flush: 0x1000, server) == goodbye)
        #expect(sender.isFinished)
    }

    @Test func `a client that has confirmed already is let go at once`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        #expect(sender.hears(write: 0x1000, flush: 0x1000, server) == [])
        #expect(sender.serverStops(server: server) == goodbye)
    }

    @Test func `a client that never flushes is taken by its write position`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        #expect(sender.serverStops(server: server) == [ping])
        #expect(sender.hears(write: 0x1000, flush: 0, server) == goodbye)
    }

    @Test func `an answer without progress is not asked for again`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        #expect(sender.hears(write: 0x1000, flush: 0x800, server) == [])
        #expect(sender.serverStops(server: server) == [ping])
        for _ in 0..<10 {
            #expect(sender.hears(write: 0x1000, flush: 0x800, server) == [])
            #expect(sender.pumpAndRead(server) == [])
        }
        #expect(sender.hears(write: 0x1000, flush: 0xC00, server) == [ping])
        #expect(sender.hears(write: 0x1000, flush: 0x1000, server) == goodbye)
    }

    @Test func `new WAL is worth a new question`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        #expect(sender.serverStops(server: server) == [ping])
        #expect(sender.hears(write: 0x800, flush: 0x800, server) == [ping])
        let later = WALSender.Server(flush: 0x1078)
        #expect(sender.pumpAndRead(later).map(\.piece) == [0x1000..<0x1078])
        #expect(sender.pumpAndRead(later) == [.keepalive(0x1078, replyRequested: true)])
        #expect(sender.hears(write: 0x1078, flush: 0x1078, later) == goodbye)
    }

    @Test func `a client between commands is told and cut off`() {
        var sender = ReplicationConversation()
        #expect(
            sender.serverStops(server: server)
                == [
                    .send(
                        .errorResponse(
                            ServerError(
                                severity: .fatal, code: .adminShutdown,
                                message: "terminating connection due to administrator command"))),
                    .close,
                ])
        #expect(sender.isFinished)
        #expect(sender.serverStops(server: server) == [])
    }

    @Test func `a stream of an old timeline ends with it`() {
        let promoted = WALSender.Server(flush: 0x1000, history: TimelineHistory(forks: 0x400))
        var sender = ReplicationConversation.streaming(from: 0, server: promoted)
        #expect(sender.serverStops(server: promoted) == [])
        #expect(sender.pumpAndRead(promoted).map(\.piece) == [0..<0x400])
        #expect(sender.pumpAndRead(promoted) == [.stream(.sendCopyDone), .close])
        #expect(sender.isFinished)
    }

    @Test func `a stream that already ended is cut off`() {
        let promoted = WALSender.Server(flush: 0x1000, history: TimelineHistory(forks: 0x400))
        var sender = ReplicationConversation.streaming(from: 0, server: promoted)
        _ = sender.pumpAndRead(promoted) + sender.pumpAndRead(promoted)
        #expect(sender.serverStops(server: promoted) == [.close])
    }

    @Test func `a client that ends its stream meanwhile is let go`() {
        var sender = ReplicationConversation.streaming(from: 0, server: server)
        #expect(sender.serverStops(server: server) == [])
        #expect(sender.copyDoneReceived() == [.stream(.sendCopyDone), .close])
        #expect(sender.isFinished)
    }

    @Test func `a log that cannot be read does not hold the stop up`() {
        var sender = ReplicationConversation.streaming(from: 0, server: server)
        _ = sender.serverStops(server: server) + sender.pump(server: server, room: 1 << 20)
        let error = ServerError(code: .ioError, message: "could not read")
        #expect(sender.readFailed(error) == [.send(.errorResponse(error)), .close])
        #expect(sender.isFinished)
    }
}
