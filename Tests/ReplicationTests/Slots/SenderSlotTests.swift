import Testing
import WALFormat
import WireProtocol

@testable import Replication

/// A replication client's slot commands, from its query to the server's table and back.
struct SenderSlotTests {
    private let server = WALSender.Server(flush: 0x50_0000)
    private let promoted = WALSender.Server(
        flush: 0x50_0000, history: TimelineHistory(forks: 0x20_0000, 0x30_0000))
    private let inUse = ServerError(
        code: .objectInUse, message: "replication slot \"s1\" is active for PID 7")

    private func asked(_ command: String) throws -> (
        ReplicationConversation, [ReplicationConversation.Action]
    ) {
        var sender = ReplicationConversation()
        let actions = sender.commandReceived(
            try ReplicationCommand.parse(command), server: server)
        return (sender, actions)
    }

    /// A sender that streams over the slot `s1`.
    private func streaming(from start: UInt64 = 0x10_0000) throws -> ReplicationConversation {
        var (sender, _) = try asked("START_REPLICATION SLOT \"s1\" \(LSN(start))")
        _ = sender.slotAnswered(.done, server: server)
        _ = sender.pumpAndRead(server, room: 8192)
        return sender
    }

    // MARK: Commands

    @Test(
        arguments: [
            (
                "CREATE_REPLICATION_SLOT \"s1\" PHYSICAL ( RESERVE_WAL)",
                .create(name: "s1", isTemporary: false, reservesWAL: true)
            ),
            (
                "CREATE_REPLICATION_SLOT s1 TEMPORARY PHYSICAL",
                .create(name: "s1", isTemporary: true, reservesWAL: false)
            ),
            ("READ_REPLICATION_SLOT s1", .read(name: "s1")),
            ("DROP_REPLICATION_SLOT s1", .drop(name: "s1", waits: false)),
            ("DROP_REPLICATION_SLOT s1 WAIT", .drop(name: "s1", waits: true)),
        ] as [(String, SlotRequest)])
    func `the table is asked, and no further command is heard before it answers`(
        _ command: String, _ request: SlotRequest
    ) throws {
        var (sender, actions) = try asked(command)
        #expect(actions == [.slot(request)])
        #expect(sender.isBusy)
        #expect(sender.commandReceived(.identifySystem, server: server) == [])
        #expect(
            sender.slotAnswered(.refused(inUse), server: server)
                == ReplicationConversation.Action.refusal(inUse))
        #expect(!sender.isBusy)
        #expect(sender.slotAnswered(.done, server: server) == [])
    }

    /// What PostgreSQL 15.20 sent, as hexadecimal text.
    @Test(
        arguments: [
            (
                "CREATE_REPLICATION_SLOT s1 PHYSICAL", .done,
                "54000000850004736c6f745f6e616d650000000000000000000019ffffffffffff0000636f6e73"
                    + "697374656e745f706f696e740000000000000000000019ffffffffffff0000736e617073686f"
                    + "745f6e616d650000000000000000000019ffffffffffff00006f75747075745f706c756769"
                    + "6e0000000000000000000019ffffffffffff0000440000001b000400000002733100000003"
                    + "302f30ffffffffffffffff430000001c4352454154455f5245504c49434154494f4e5f534c4f"
                    + "54005a0000000549"
            ),
            (
                "READ_REPLICATION_SLOT s1", .slot(ReplicationSlot(name: "s1")),
                "540000005e0003736c6f745f747970650000000000000000000019ffffffffffff000072657374"
                    + "6172745f6c736e0000000000000000000019ffffffffffff0000726573746172745f746c69"
                    + "00000000000000000000140008ffffffff0000440000001a000300000008706879736963616c"
                    + "ffffffffffffffff430000001a524541445f5245504c49434154494f4e5f534c4f54005a0000"
                    + "000549"
            ),
            (
                "DROP_REPLICATION_SLOT s1", .done,
                "430000001a44524f505f5245504c49434154494f4e5f534c4f54005a0000000549"
            ),
        ] as [(String, SlotAnswer, String)])
    func `the answers are PostgreSQL's to the byte`(
        _ command: String, _ answer: SlotAnswer, _ bytes: String
    ) throws {
        var (sender, _) = try asked(command)
        let messages = sender.slotAnswered(answer, server: server).compactMap { action in
            if case .send(let message) = action { message } else { nil }
        }
        #expect(Hexadecimal.text(of: messages.encoded()) == bytes)
    }

    @Test func `DROP_REPLICATION_SLOT has no rows`() throws {
        var (sender, _) = try asked("DROP_REPLICATION_SLOT s1 WAIT")
        #expect(
            sender.slotAnswered(.done, server: server)
                == [
                    .send(.commandComplete("DROP_REPLICATION_SLOT")), .send(.readyForQuery(.idle)),
                ])
    }

    @Test(
        arguments: [
            (nil, [nil, nil, nil]),
            (ReplicationSlot(name: "s1"), ["physical", nil, nil]),
            (ReplicationSlot(name: "s1", invalidatedAt: LSN(9)), ["physical", nil, nil]),
            (
                ReplicationSlot(name: "s1", restartLSN: LSN(0x1F_FFFF)),
                ["physical", "0/1FFFFF", "1"]
            ),
            (
                ReplicationSlot(name: "s1", restartLSN: LSN(0x20_0000)),
                ["physical", "0/200000", "2"]
            ),
            (
                ReplicationSlot(name: "s1", restartLSN: LSN(0x40_0000)),
                ["physical", "0/400000", "3"]
            ),
        ] as [(ReplicationSlot?, [String?])])
    func `READ_REPLICATION_SLOT tells the timeline that holds the position`(
        _ slot: ReplicationSlot?, _ row: [String?]
    ) throws {
        var (sender, _) = try asked("READ_REPLICATION_SLOT s1")
        let actions = sender.slotAnswered(.slot(slot), server: promoted)
        #expect(
            actions == [
                .send(
                    .rowDescription([
                        Column("slot_type", .text), Column("restart_lsn", .text),
                        Column("restart_tli", .int8),
                    ])),
                .send(.row(row)), .send(.commandComplete("READ_REPLICATION_SLOT")),
                .send(.readyForQuery(.idle)),
            ])
    }

    // MARK: Streams

    @Test func `a stream asks for its slot after older streams of the replica were ended`() throws {
        var (sender, actions) = try asked("START_REPLICATION SLOT \"s1\" 0/100000 TIMELINE 1")
        #expect(actions == [.claimStream, .slot(.acquire(name: "s1"))])
        #expect(sender.sentLSN == nil)
        #expect(
            sender.slotAnswered(.done, server: server)
                == [.send(.copyBothResponse()), .enterCopyBoth])
        #expect(sender.sentLSN == LSN(0x10_0000))
        #expect(!sender.isBusy)
    }

    @Test func `a slot that somebody else uses is refused before CopyBoth`() throws {
        var (sender, _) = try asked("START_REPLICATION SLOT s1 0/100000")
        #expect(
            sender.slotAnswered(.refused(inUse), server: server)
                == ReplicationConversation.Action.refusal(inUse))
    }

    @Test func `a start that is refused lets go of the slot`() throws {
        var (sender, _) = try asked("START_REPLICATION SLOT s1 0/100000 TIMELINE 7")
        #expect(
            sender.slotAnswered(.done, server: server)
                == [.cleanUpSlots]
                + ReplicationConversation.Action.refusal(
                    ServerError(
                        code: .internalError,
                        message: "requested timeline 7 is not in this server's history")))
        var (ahead, _) = try asked("START_REPLICATION SLOT s1 0/900000")
        #expect(
            ahead.slotAnswered(.done, server: server).prefix(2)
                == [.send(.copyBothResponse()), .cleanUpSlots])
    }

    @Test func `a start at the very end of its timeline lets go of the slot at once`() throws {
        var (sender, _) = try asked("START_REPLICATION SLOT s1 0/200000 TIMELINE 1")
        let actions = sender.slotAnswered(.done, server: promoted)
        #expect(actions.first == .releaseSlot)
        #expect(actions.last == .send(.readyForQuery(.idle)))
        #expect(actions.count == 6)
    }

    @Test func `the slot follows what the client has flushed, and nothing else`() throws {
        var sender = try streaming()
        #expect(
            sender.hears(write: 0x20_0000, flush: 0x18_0000, apply: 0x17_0000, server)
                == [.confirmSlot("s1", flushed: LSN(0x18_0000))])
        #expect(sender.hears(write: 0x30_0000, flush: 0x18_0000, server) == [])
        // A client that never flushes says 0: its slot stays where it is.
        #expect(sender.hears(write: 0x40_0000, flush: 0, server) == [])
        #expect(
            sender.hears(write: 0x30_0000, flush: 0x10_0000, server)
                == [.confirmSlot("s1", flushed: LSN(0x10_0000))])
    }

    @Test func `nobody has flushed more than there is`() throws {
        var sender = try streaming()
        #expect(
            sender.hears(write: .max, flush: .max, server)
                == [.confirmSlot("s1", flushed: LSN(0x50_0000))])
    }

    @Test func `nothing is confirmed before the log was found to be there`() throws {
        var (sender, _) = try asked("START_REPLICATION SLOT s1 0/100000")
        _ = sender.slotAnswered(.done, server: server)
        #expect(sender.hears(write: 0x10_0000, flush: 0x10_0000, server) == [])
        var (gone, there) = (sender, sender)
        _ = gone.pump(server: server, room: 8192)
        let error = ServerError(code: .undefinedFile, message: "gone")
        #expect(gone.readFailed(error).count == 4)
        #expect(
            there.pumpAndRead(server, room: 8192).first
                == .confirmSlot("s1", flushed: LSN(0x10_0000)))
    }

    @Test func `a client that needs nothing of the log is believed at once`() throws {
        var (sender, _) = try asked("START_REPLICATION SLOT s1 0/500000")
        _ = sender.slotAnswered(.done, server: server)
        #expect(sender.hears(write: 0x50_0000, flush: 0x50_0000, server) == [])
        #expect(
            sender.pump(server: server, room: 1 << 20)
                == [.confirmSlot("s1", flushed: LSN(0x50_0000))])
        #expect(sender.pump(server: server, room: 1 << 20) == [])
    }

    @Test func `a stream without a slot confirms to none`() {
        var sender = ReplicationConversation.streaming(from: 0x10_0000, server: server)
        #expect(sender.hears(write: 0x20_0000, flush: 0x20_0000, server) == [])
    }

    @Test func `the end of the stream lets go of the slot before the client hears of it`() throws {
        var sender = try streaming()
        #expect(
            sender.copyDoneReceived().prefix(3)
                == [.stream(.sendCopyDone), .leaveCopyBoth, .releaseSlot])
    }

    @Test func `what is confirmed after the end of a timeline counts`() throws {
        var (sender, _) = try asked("START_REPLICATION SLOT s1 0/100000 TIMELINE 1")
        _ = sender.slotAnswered(.done, server: promoted)
        _ = sender.pumpAndRead(promoted)
        #expect(sender.pumpAndRead(promoted) == [.stream(.sendCopyDone)])
        #expect(
            sender.hears(write: 0x20_0000, flush: 0x20_0000, reply: true, promoted)
                == [.confirmSlot("s1", flushed: LSN(0x20_0000))])
        #expect(sender.copyDoneReceived().prefix(2) == [.leaveCopyBoth, .releaseSlot])
    }

    @Test func `a segment that is gone ends the stream with 58P01, and the slot is free`() throws {
        var sender = try streaming()
        #expect(!sender.pump(server: server, room: 1 << 20).isEmpty)
        let error = ServerError(
            code: .undefinedFile,
            message: "requested WAL segment 000000010000000000000001 has already been removed")
        #expect(
            sender.readFailed(error)
                == [.leaveCopyBoth, .cleanUpSlots] + ReplicationConversation.Action.refusal(error))
    }

    @Test func `any failing command costs a connection its temporary slots`() throws {
        var (sender, _) = try asked("CREATE_REPLICATION_SLOT t1 TEMPORARY PHYSICAL")
        _ = sender.slotAnswered(.done, server: server)
        let refusal = sender.settingRead("nonsense", nil)
        #expect(refusal.first == .cleanUpSlots)
        // There is nothing left to lose.
        #expect(sender.settingRead("nonsense", nil) == Array(refusal.dropFirst()))
    }

    // MARK: Ends

    @Test func `a connection that is cut off hears 57P01, once`() throws {
        let goodbye: [ReplicationConversation.Action] = [
            .send(
                .errorResponse(
                    ServerError(
                        severity: .fatal, code: .adminShutdown,
                        message: "terminating connection due to administrator command"))),
            .close,
        ]
        var streaming = try streaming()
        #expect(streaming.terminated() == goodbye)
        #expect(streaming.terminated() == [])
        #expect(streaming.isFinished)
        var (waiting, _) = try asked("DROP_REPLICATION_SLOT s1 WAIT")
        #expect(waiting.serverStops(server: server) == goodbye)
        #expect(waiting.slotAnswered(.done, server: server) == [])
    }

    @Test func `a replica that connects anew replaces its older connection`() throws {
        var sender = try streaming()
        let error = ServerError(
            severity: .fatal, code: .adminShutdown,
            message: "terminating connection because the replica has connected again")
        #expect(
            sender.replaced()
                == [.report(.replaced), .send(.errorResponse(error)), .close])
        #expect(sender.replaced() == [])
    }

    @Test func `the newest connection of a replica is its only one`() {
        var registry = SenderRegistry()
        #expect(registry.claim(user: "shiplog", applicationName: "r1", by: 1) == nil)
        #expect(registry.claim(user: "shiplog", applicationName: "r2", by: 2) == nil)
        #expect(registry.claim(user: "shiplog", applicationName: "r1", by: 1) == nil)
        #expect(registry.claim(user: "shiplog", applicationName: "r1", by: 3) == 1)
        #expect(registry.processID(of: "r1") == 3)
        // The old one's end is no news.
        registry.ended(1)
        #expect(registry.processID(of: "r1") == 3)
        registry.ended(3)
        #expect(registry.claim(user: "shiplog", applicationName: "r1", by: 4) == nil)
    }

    @Test func `programs that share a name do not replace each other`() {
        var registry = SenderRegistry()
        for processID: Int32 in 1...3 {
            #expect(
                registry.claim(user: "postgres", applicationName: "r1", by: processID) == nil)
            #expect(registry.claim(user: "shiplog", applicationName: "", by: processID) == nil)
        }
    }
}
