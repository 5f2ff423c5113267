import Replication
import Testing
import WALFormat
import WireProtocol

/// A stream from its first byte to the client's CopyDone.
struct SenderStreamTests {
    private let server = WALSender.Server(flush: 0x50_0000)

    @Test func `flushed WAL is read, and goes out with the server's position and time`() {
        var sender = WALSender.streaming(from: 0x4F_FFF8, server: server)
        #expect(
            sender.pump(server: server, room: 1 << 20)
                == [.readWAL(from: LSN(0x4F_FFF8), upTo: LSN(0x50_0000))])
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(
            sender.walRead(at: LSN(0x4F_FFF8), bytes, server: server)
                == [
                    .sendWAL(
                        XLogData(
                            start: LSN(0x4F_FFF8), walEnd: LSN(0x50_0000), sentAt: instant,
                            bytes: bytes))
                ])
        #expect(sender.sent == LSN(0x50_0000))
        #expect(sender.pump(server: server, room: 1 << 20) == [])
    }

    @Test func `one read is under way at a time`() {
        var sender = WALSender.streaming(from: 0, server: server)
        #expect(!sender.pump(server: server, room: 1 << 20).isEmpty)
        #expect(sender.pump(server: server, room: 1 << 20) == [])
    }

    @Test func `pieces are 128 KiB at most and end at page edges while more follows`() {
        var sender = WALSender.streaming(from: 100, server: WALSender.Server(flush: 300_000))
        let actions = sender.pumpAndRead(WALSender.Server(flush: 300_000))
        #expect(actions.map(\.piece) == [100..<131_072, 131_072..<262_144, 262_144..<300_000])
    }

    @Test func `never more is read than one mebibyte, up to a page edge`() {
        var sender = WALSender.streaming(from: 8191, server: server)
        #expect(
            sender.pump(server: server, room: .max)
                == [.readWAL(from: LSN(8191), upTo: LSN(1 << 20))])
    }

    @Test(arguments: [(20_000, 16_384), (8192, 8192), (16_383, 8192)])
    func `little room is used up to a page edge`(_ room: Int, _ end: UInt64) {
        var sender = WALSender.streaming(from: 0, server: server)
        #expect(
            sender.pump(server: server, room: room) == [.readWAL(from: LSN(0), upTo: LSN(end))])
    }

    @Test(arguments: [8191, 1, 0, -1, Int.min])
    func `without room for a page nothing is read`(_ room: Int) {
        var sender = WALSender.streaming(from: 0, server: server)
        #expect(sender.pump(server: server, room: room) == [])
        #expect(sender.sent == LSN(0))
    }

    @Test func `the end of the WAL may go through less room than a page`() {
        var sender = WALSender.streaming(from: 0x4F_FFF8, server: server)
        #expect(
            sender.pump(server: server, room: 8)
                == [.readWAL(from: LSN(0x4F_FFF8), upTo: LSN(0x50_0000))])
    }

    @Test func `a standby feeds its own replicas what it has flushed`() {
        var standby = WALSender.Server(flush: 1000)
        var sender = WALSender.streaming(from: 1000, server: standby)
        #expect(sender.pumpAndRead(standby) == [])
        standby.flushLSN = LSN(1600)
        #expect(sender.pumpAndRead(standby).map(\.piece) == [1000..<1600])
    }

    @Test func `a replica's word is kept and needs no answer unless it asks for one`() {
        var sender = WALSender.streaming(from: 0x50_0000, server: server)
        #expect(sender.reported == nil)
        #expect(sender.hears(write: 30, flush: 20, apply: 10, server) == [])
        #expect(sender.reported?.write == LSN(30))
        #expect(sender.reported?.flush == LSN(20))
        #expect(sender.reported?.apply == LSN(10))
        #expect(
            sender.hears(write: 30, flush: 20, reply: true, server)
                == [.keepalive(0x50_0000, replyRequested: false)])
    }

    @Test func `hot standby feedback is heard and asks for nothing`() throws {
        var sender = WALSender.streaming(from: 0, server: server)
        let feedback = try ReplicationMessage(
            decoding: [UInt8(ascii: "h")] + [UInt8](repeating: 0, count: 24))
        #expect(sender.received(feedback, server: server) == [])
    }

    @Test func `a client that sends WAL is dropped without a word`() {
        var sender = WALSender.streaming(from: 0, server: server)
        let wal = XLogData(start: LSN(0), walEnd: LSN(0), sentAt: instant, bytes: [1])
        #expect(sender.received(.xLogData(wal), server: server) == [])
        #expect(sender.phase == .over(.closing))
        #expect(sender.pump(server: server, room: 1 << 20) == [])
    }

    @Test func `the client's CopyDone ends the stream`() {
        var sender = WALSender.streaming(from: 0, server: server)
        #expect(sender.copyDoneReceived() == [.sendCopyDone])
        #expect(sender.phase == .over(.copyDone(next: nil)))
    }

    @Test func `a read that comes back after the stream's end is dropped`() {
        var sender = WALSender.streaming(from: 0, server: server)
        _ = sender.pump(server: server, room: 8192)
        _ = sender.copyDoneReceived()
        #expect(
            sender.walRead(at: LSN(0), [UInt8](repeating: 0, count: 8192), server: server) == [])
    }

    @Test func `WAL that was removed ends the stream, and what still comes is dropped`() {
        var sender = WALSender.streaming(from: 0, server: server)
        _ = sender.pump(server: server, room: 8192)
        let error = ServerError(code: .undefinedFile, message: "requested WAL segment is gone")
        sender.readFailed(error)
        #expect(sender.phase == .over(.failed(error)))
        // The client may not have seen it yet; PostgreSQL drops what still comes.
        #expect(sender.hears(write: 0, flush: 0, reply: true, server) == [])
        #expect(sender.copyDoneReceived() == [])
        #expect(sender.nextDeadline(server: server) == nil)
        #expect(sender.deadlineReached(server: server.later(.seconds(100))) == [])
    }
}
