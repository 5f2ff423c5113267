import Replication
import Testing
import WALFormat
import WireProtocol

/// The last words of a stream, which are the conversation's, and what may follow them.
struct StreamEndTests {
    private let server = WALSender.Server(flush: 0x50_0000)

    @Test func `the client's CopyDone ends the stream with both tags`() {
        var conversation = ReplicationConversation.streaming(from: 0, server: server)
        #expect(
            conversation.copyDoneReceived()
                == [
                    .stream(.sendCopyDone), .leaveCopyBoth,
                    .send(.commandComplete("START_STREAMING")),
                    .send(.commandComplete("START_REPLICATION")), .send(.readyForQuery(.idle)),
                ])
        #expect(conversation.phase == .idle)
    }

    @Test func `a client that sends WAL hears nothing but the close`() {
        var conversation = ReplicationConversation.streaming(from: 0, server: server)
        let wal = XLogData(start: LSN(0), walEnd: LSN(0), sentAt: instant, bytes: [1])
        #expect(conversation.copyDataReceived(.xLogData(wal), server: server) == [.close])
        #expect(conversation.isFinished)
        #expect(conversation.commandReceived(.identifySystem, server: server) == [])
    }

    @Test func `WAL that was removed ends the stream with 58P01, and commands go on`() {
        var conversation = ReplicationConversation.streaming(from: 0, server: server)
        _ = conversation.pump(server: server, room: 8192)
        let error = ServerError(
            code: .undefinedFile,
            message: "requested WAL segment 000000010000000000000000 has already been removed")
        #expect(
            conversation.readFailed(error)
                == [.leaveCopyBoth] + ReplicationConversation.Action.refusal(error))
        #expect(conversation.hears(write: 0, flush: 0, reply: true, server) == [])
        #expect(conversation.copyDoneReceived() == [])
        #expect(!conversation.commandReceived(.identifySystem, server: server).isEmpty)
    }

    @Test func `what the replica last said stays known until its next stream`() {
        var conversation = ReplicationConversation.streaming(from: 0x50_0000, server: server)
        _ = conversation.hears(write: 30, flush: 20, server)
        _ = conversation.copyDoneReceived()
        #expect(conversation.reported?.flush == LSN(20))
        #expect(conversation.sentLSN == nil)
        _ = conversation.commandReceived(
            .startReplication(slot: nil, at: LSN(0x50_0000), timeline: nil), server: server)
        #expect(conversation.reported == nil)
        #expect(conversation.sentLSN == LSN(0x50_0000))
    }
}
