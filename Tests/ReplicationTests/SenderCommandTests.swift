import Replication
import Testing
import WALFormat
import WireProtocol

/// A replication client's commands, and what PostgreSQL would answer.
struct SenderCommandTests {
    private let server = WALSender.Server(flush: 0x50_0000)
    private let promoted = WALSender.Server(
        flush: 0x50_0000, history: TimelineHistory(forks: 0x20_0000, 0x30_0000))

    private func answer(
        _ command: ReplicationCommand, _ server: WALSender.Server
    ) -> [ReplicationConversation.Action] {
        var sender = ReplicationConversation()
        return sender.commandReceived(command, server: server)
    }

    private func start(
        _ position: UInt64, timeline: UInt32?, _ server: WALSender.Server
    ) -> [ReplicationConversation.Action] {
        answer(
            .startReplication(
                slot: nil, at: LSN(position), timeline: timeline.map { Timeline($0) }), server)
    }

    @Test func `IDENTIFY_SYSTEM tells the cluster, the timeline and the flush position`() {
        #expect(
            answer(.identifySystem, promoted)
                == [
                    .send(
                        .rowDescription([
                            Column("systemid", .text), Column("timeline", .int4),
                            Column("xlogpos", .text), Column("dbname", .text),
                        ])),
                    .send(.row(["7012345678901234567", "3", "0/500000", nil])),
                    .send(.commandComplete("IDENTIFY_SYSTEM")), .send(.readyForQuery(.idle)),
                ])
    }

    @Test func `SHOW looks the setting up, then names it as PostgreSQL writes it`() {
        var sender = ReplicationConversation()
        #expect(
            sender.commandReceived(.showParameter("datestyle"), server: server)
                == [.readSetting("datestyle")])
        #expect(
            sender.settingRead("datestyle", ShowReply(name: "DateStyle", value: "ISO, MDY"))
                == [
                    .send(.rowDescription([Column("DateStyle", .text)])),
                    .send(.row(["ISO, MDY"])), .send(.commandComplete("SHOW")),
                    .send(.readyForQuery(.idle)),
                ])
    }

    @Test func `SHOW of an unknown setting is 42704`() {
        var sender = ReplicationConversation()
        #expect(
            sender.settingRead("shoe_size", nil)
                == ReplicationConversation.Action.refusal(
                    ServerError(
                        code: .undefinedObject,
                        message: "unrecognized configuration parameter \"shoe_size\"")))
    }

    @Test func `TIMELINE_HISTORY fetches the history, then sends it as a file`() {
        var sender = ReplicationConversation()
        #expect(
            sender.commandReceived(.timelineHistory(Timeline(2)), server: promoted)
                == [.readHistory(Timeline(2))])
        let text = "1\t0/200000\tno recovery target specified\n"
        #expect(
            sender.historyRead(Timeline(2), .success(TimelineHistory(forks: 0x20_0000)))
                == [
                    .send(
                        .rowDescription([Column("filename", .text), Column("content", .text)])),
                    .send(.row(["00000002.history", text])),
                    .send(.commandComplete("TIMELINE_HISTORY")), .send(.readyForQuery(.idle)),
                ])
    }

    @Test func `TIMELINE_HISTORY of a timeline without a file is 58P01`() {
        var sender = ReplicationConversation()
        #expect(
            sender.historyRead(.first, .success(nil))
                == ReplicationConversation.Action.refusal(
                    ServerError(
                        code: .undefinedFile,
                        message: "could not open file \"pg_wal/00000001.history\":"
                            + " No such file or directory")))
    }

    @Test func `START_REPLICATION opens the stream both ways`() {
        var sender = ReplicationConversation()
        #expect(sender.sentLSN == nil)
        #expect(
            sender.commandReceived(
                .startReplication(slot: nil, at: LSN(0x10_0000), timeline: nil), server: server)
                == ReplicationConversation.Action.opening)
        #expect(sender.sentLSN == LSN(0x10_0000))
    }

    @Test func `a start at the flush position is none too late`() {
        #expect(
            start(0x50_0000, timeline: 1, server)
                == ReplicationConversation.Action.opening)
    }

    @Test(arguments: [0x50_0001, UInt64.max])
    func `a start ahead of the log is refused after CopyBoth`(_ position: UInt64) {
        #expect(
            start(position, timeline: 1, server)
                == [.claimStream, .send(.copyBothResponse())]
                + ReplicationConversation.Action.refusal(
                    ServerError(
                        code: .internalError,
                        message: "requested starting point \(LSN(position)) is ahead of the WAL"
                            + " flush position of this server 0/500000")))
    }

    @Test(arguments: [0, 2, UInt32.max])
    func `a timeline the server does not know is refused before CopyBoth`(_ timeline: UInt32) {
        #expect(
            start(0x10_0000, timeline: timeline, server)
                == [.claimStream]
                + ReplicationConversation.Action.refusal(
                    ServerError(
                        code: .internalError,
                        message: "requested timeline \(timeline) is not in this server's history"
                    )))
    }

    @Test func `a start past the fork is refused before CopyBoth, with the fork in the detail`() {
        #expect(
            start(0x20_0008, timeline: 1, promoted)
                == [.claimStream]
                + ReplicationConversation.Action.refusal(
                    ServerError(
                        code: .internalError,
                        message: "requested starting point 0/200008 on timeline 1 is not in this"
                            + " server's history",
                        detail: "This server's history forked from timeline 1 at 0/200000.")))
    }

    @Test func `a start exactly at the fork is told the next timeline and no stream begins`() {
        #expect(
            start(0x20_0000, timeline: 1, promoted)
                == [
                    .claimStream,
                    .send(
                        .rowDescription([
                            Column("next_tli", .int8), Column("next_tli_startpos", .text),
                        ])),
                    .send(.row(["2", "0/200000"])), .send(.commandComplete("START_STREAMING")),
                    .send(.commandComplete("START_REPLICATION")), .send(.readyForQuery(.idle)),
                ])
    }
}
