import Testing
import WALFormat

@testable import WireProtocol

struct ReplyTests {
    /// What a client makes of an answer that went over the wire.
    private func answer(_ messages: [BackendMessage]) throws -> [ResultSet] {
        var decoder = BackendDecoder()
        decoder.feed((messages + [.readyForQuery(.idle)]).encoded())
        var collector = ReplyCollector()
        while let message = try decoder.next() {
            switch collector.received(message) {
            case .finished(let results, error: nil, .idle): return results
            case nil: continue
            case .finished, .streaming: break
            }
        }
        Issue.record("no answer")
        return []
    }

    @Test func `IDENTIFY_SYSTEM is read as it was written`() throws {
        let reply = IdentifySystemReply(
            systemIdentifier: .max, timeline: Timeline(3), flushLSN: LSN(.max))
        #expect(try IdentifySystemReply(answer(reply.messages)[0]) == reply)
    }

    @Test func `SHOW is read as it was written`() throws {
        let reply = ShowReply(name: "wal_segment_size", value: "1MB")
        #expect(try ShowReply(name: "wal_segment_size", answer(reply.messages)[0]) == reply)
        #expect(reply.messages.last == .commandComplete("SHOW"))
    }

    @Test func `slot replies are read as they were written`() throws {
        let created = CreateSlotReply(name: "s")
        #expect(try CreateSlotReply(answer(created.messages)[0]) == created)
        #expect(created.messages[1] == .row(["s", "0/0", nil, nil]))
        for reply in [
            ReadSlotReply.absent, .unreserved, .reserved(restart: LSN(8), timeline: .first),
        ] {
            #expect(try ReadSlotReply(answer(reply.messages)[0]) == reply)
        }
        let dropped = try answer(DropSlotReply().messages)
        #expect(dropped == [ResultSet(tag: "DROP_REPLICATION_SLOT")])
    }

    @Test func `a history file is read as it was written, byte for byte`() throws {
        let reply = TimelineHistoryReply(
            fileName: "00000002.history", content: Array("1\t0/16001B0\tno\n".utf8) + [0xFF])
        #expect(try TimelineHistoryReply(answer(reply.messages)[0]) == reply)
    }

    @Test func `the end of a stream brings two tags, and the next timeline if there is one`() throws
    {
        let stopped = try answer(EndOfStreamReply.stopped.messages)
        #expect(stopped.map(\.tag) == ["START_STREAMING", "START_REPLICATION"])
        #expect(try EndOfStreamReply(stopped) == .stopped)
        let ended = EndOfStreamReply.timelineEnded(next: Timeline(2), startingAt: LSN(0x16001B0))
        #expect(try EndOfStreamReply(answer(ended.messages)) == ended)
        #expect(ended.messages[1] == .row(["2", "0/16001B0"]))
        #expect(
            ended.messages.suffix(2)
                == [.commandComplete("START_STREAMING"), .commandComplete("START_REPLICATION")])
    }

    @Test func `a base backup's results are read as they were written`() throws {
        let position = BackupPositionReply(position: LSN(0x0100_0028), timeline: .first)
        #expect(try BackupPositionReply(answer(position.messages)[0]) == position)
        for kilobytes in [nil, 42, Int64.max] as [Int64?] {
            let spaces = BackupTablespacesReply(kilobytes: kilobytes)
            #expect(try BackupTablespacesReply(answer(spaces.messages)[0]) == spaces)
        }
    }

    @Test func `a reply that is another one is refused by name`() {
        let columns = [Column("systemid", .text), Column("timeline", .int4)]
        func read(_ rows: [[String?]]) throws {
            _ = try IdentifySystemReply(ResultSet(columns: columns, rows: rows, tag: ""))
        }
        #expect(throws: ReplyError.rowCount(0)) { try read([]) }
        #expect(throws: ReplyError.rowCount(2)) { try read([["1", "1"], ["1", "1"]]) }
        #expect(throws: ReplyError.invalidValue(column: "systemid", "x")) {
            try read([["x", "1"]])
        }
        #expect(throws: ReplyError.invalidValue(column: "timeline", nil)) {
            try read([["1", nil]])
        }
        #expect(throws: ReplyError.missingColumn("xlogpos")) { try read([["1", "1"]]) }
        #expect(throws: ReplyError.missingColumn("timeline")) { try read([["1"]]) }
    }

    @Test func `an error ends an answer and keeps what came before`() {
        var collector = ReplyCollector()
        let failure = ServerError(code: .undefinedTable, message: "no")
        let first = ResultSet(columns: [Column("a", .text)], rows: [["1"]], tag: "SELECT 1")
        for message in first.messages + [.emptyQueryResponse, .errorResponse(failure)] {
            #expect(collector.received(message) == nil)
        }
        #expect(
            collector.received(.readyForQuery(.failed))
                == .finished([first, ResultSet(tag: "")], error: failure, .failed))
        #expect(
            collector.received(.readyForQuery(.idle)) == .finished([], error: nil, .idle))
    }

    @Test func `a stream begins where rows end`() {
        var collector = ReplyCollector()
        let start = BackupPositionReply(position: LSN(8), timeline: .first)
        for message in start.messages { #expect(collector.received(message) == nil) }
        #expect(
            collector.received(.copyOutResponse()) == .streaming([start.resultSet]))
    }
}
