import Replication
import Testing
import WALFormat
import WireProtocol

/// Streams of a timeline that the server has left, or leaves while it streams.
struct SenderTimelineTests {
    private let promoted = WALSender.Server(
        flush: 0x5000, history: TimelineHistory(forks: 0x1000, 0x3000))

    private func end(next: UInt32, at fork: UInt64) -> [ReplicationConversation.Action] {
        [.leaveCopyBoth]
            + Upstream.end(next: next, at: fork).map(ReplicationConversation.Action.send)
    }

    @Test func `an old timeline is sent up to its fork and ended, then the next one is named`() {
        var sender = ReplicationConversation.streaming(from: 0x800, server: promoted)
        #expect(sender.pumpAndRead(promoted).map(\.piece) == [0x800..<0x1000])
        #expect(sender.pump(server: promoted, room: 1 << 20) == [.stream(.sendCopyDone)])
        #expect(sender.pump(server: promoted, room: 1 << 20) == [])
        // After our CopyDone no heartbeat may follow, even if one is asked for.
        #expect(sender.hears(write: 0x1000, flush: 0x1000, reply: true, promoted) == [])
        #expect(sender.copyDoneReceived() == end(next: 2, at: 0x1000))
        #expect(sender.phase == .idle)
    }

    @Test func `the next timeline is streamed on the same connection`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, timeline: 2, server: promoted)
        #expect(sender.pumpAndRead(promoted).map(\.piece) == [0x1000..<0x3000])
        #expect(sender.pump(server: promoted, room: 1 << 20) == [.stream(.sendCopyDone)])
        #expect(sender.copyDoneReceived() == end(next: 3, at: 0x3000))
        #expect(
            sender.commandReceived(
                .startReplication(slot: nil, at: LSN(0x3000), timeline: Timeline(3)),
                server: promoted) == ReplicationConversation.Action.opening)
        #expect(sender.pumpAndRead(promoted).map(\.piece) == [0x3000..<0x5000])
        #expect(sender.pump(server: promoted, room: 1 << 20) == [])
    }

    @Test func `the position in a message of an old timeline stops at its fork`() {
        var sender = ReplicationConversation.streaming(from: 0x800, server: promoted)
        guard case .stream(.sendWAL(let data)) = sender.pumpAndRead(promoted).first else {
            Issue.record("no WAL was sent")
            return
        }
        #expect(data.walEnd == LSN(0x1000))
    }

    @Test func `a standby that is promoted in mid-stream ends the old timeline`() {
        var server = WALSender.Server(flush: 0x1000)
        var sender = ReplicationConversation.streaming(from: 0, server: server)
        _ = sender.pumpAndRead(server)
        server = WALSender.Server(flush: 0x2000, history: TimelineHistory(forks: 0x1000))
        #expect(sender.pump(server: server, room: 1 << 20) == [.stream(.sendCopyDone)])
        #expect(sender.copyDoneReceived() == end(next: 2, at: 0x1000))
    }

    @Test func `what was read past a fork that came meanwhile is not sent`() {
        var server = WALSender.Server(flush: 0x2000)
        var sender = ReplicationConversation.streaming(from: 0, server: server)
        #expect(!sender.pump(server: server, room: 1 << 20).isEmpty)
        server = WALSender.Server(flush: 0x2000, history: TimelineHistory(forks: 0x1000))
        let bytes = [UInt8](repeating: 7, count: 0x2000)
        #expect(sender.walRead(at: LSN(0), bytes, server: server).map(\.piece) == [0..<0x1000])
        #expect(sender.pump(server: server, room: 1 << 20) == [.stream(.sendCopyDone)])
    }

    @Test func `a client sent past the fork is told where it was`() {
        var server = WALSender.Server(flush: 0x2000)
        var sender = ReplicationConversation.streaming(from: 0, server: server)
        _ = sender.pumpAndRead(server)
        server = WALSender.Server(flush: 0x2000, history: TimelineHistory(forks: 0x1000))
        #expect(sender.pump(server: server, room: 1 << 20) == [.stream(.sendCopyDone)])
        #expect(sender.copyDoneReceived() == end(next: 2, at: 0x1000))
    }

    @Test func `a server that forgot the timeline in mid-stream says so`() {
        var server = WALSender.Server(flush: 0x1000)
        var sender = ReplicationConversation.streaming(from: 0, server: server)
        server.timeline = Timeline(4)
        #expect(
            sender.pump(server: server, room: 1 << 20)
                == [.leaveCopyBoth]
                + ReplicationConversation.Action.refusal(
                    ServerError(
                        code: .internalError,
                        message: "requested timeline 1 is not in this server's history")))
    }
}
