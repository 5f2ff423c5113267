import Testing
import WALFormat
import WireProtocol

@testable import Replication

/// A base backup from BASE_BACKUP to the last ReadyForQuery.
struct BaseBackupTests {
    /// As `pg_basebackup` of PostgreSQL 15 asks for it.
    private static let usual = """
        BASE_BACKUP ( LABEL 'pg_basebackup base backup',  PROGRESS,  CHECKPOINT 'fast',  WAIT 0,\
          MANIFEST 'yes',  TARGET 'client')
        """

    private func dialogue(_ command: String = usual) throws -> BackupDialogue {
        guard case .baseBackup(let options) = try ReplicationCommand.parse(command) else {
            throw ReplyError.rowCount(0)
        }
        var dialogue = BackupDialogue()
        dialogue.options = options
        return dialogue
    }

    @Test func `the messages come in PostgreSQL's order, each as long as PostgreSQL's`() throws {
        var dialogue = try dialogue()
        dialogue.add("pg_stat", nil)
        dialogue.add("PG_VERSION", Array("15\n".utf8))
        dialogue.add("global", nil)
        dialogue.add("global/1262", [UInt8](repeating: 1, count: 8192))
        dialogue.add("base/5/16384", [UInt8](repeating: 2, count: 40_960))
        dialogue.add("empty", [])
        dialogue.run()
        let manifestLength = dialogue.manifest.utf8.count
        #expect(
            dialogue.outline
                == "T D C T D C H nbase.tar, d512 d225 d287 d512 d512 d3 d509 d512 d512 d8192"
                + " d512 d32768 d8192 d512 d1024 p54784 m d\(manifestLength) c T D C C Z")
        #expect(!dialogue.sender.isBusy)
        #expect(dialogue.error == nil)
    }

    @Test func `the two positions, the tablespaces and the frames are as captured`() throws {
        var dialogue = try dialogue()
        dialogue.add("file", [UInt8](repeating: 1, count: 10_000))
        dialogue.run()
        let rows = dialogue.messages.compactMap { action in
            if case .send(.dataRow(let row)) = action { row } else { nil }
        }
        #expect(
            rows.map { $0.map { $0.map { String(decoding: $0, as: UTF8.self) } } }
                == [["0/1B00028", "1"], [nil, nil, "10"], ["0/1B00100", "1"]])
        func hex(_ action: ReplicationConversation.Action) -> String? {
            switch action {
            case .send(let message): Hexadecimal.text(of: message.encoded())
            case .backup(.send(let message)): Hexadecimal.text(of: message.framed())
            default: nil
            }
        }
        let frames = dialogue.messages.compactMap(hex).filter { $0.utf8.count < 400 }
        #expect(frames[2] == "430000000b53454c45435400")
        #expect(frames[4] == "440000001400 03ffffffffffffffff00000002 3130".filter { $0 != " " })
        #expect(frames[6] == "4800000007000000")
        #expect(frames[7] == "640000000f6e626173652e7461720000")
        #expect(frames.contains("640000000d700000000000003200"))
        #expect(frames.contains("64000000056d"))
        #expect(frames.suffix(6).first == "6300000004")
        #expect(frames.suffix(2) == ["4300000010424153455f4241434b555000", "5a0000000549"])
    }

    @Test func `without PROGRESS there is no estimate, and progress is told at the end as well`()
        throws
    {
        var dialogue = try dialogue("BASE_BACKUP ( TARGET 'client')")
        dialogue.run()
        #expect(dialogue.messages[4] == .send(.row([nil, nil, nil])))
        #expect(
            dialogue.outline
                == "T D C T D C H nbase.tar, d512 d211 d301 d1024 p2048 c T D C C Z")
    }

    @Test func `backup_label is PostgreSQL's own, byte for byte`() {
        let label = BackupLabel(
            start: BaseBackup.Start(
                position: LSN(0x1B0_0028), checkpoint: LSN(0x1B0_0060), timeline: .first,
                isStandby: false, files: []),
            segmentSize: .oneMebibyte, label: "pg_basebackup base backup",
            startedAt: PostgresTime(microseconds: 848_757_673_000_000))
        let text = """
            START WAL LOCATION: 0/1B00028 (file 00000001000000000000001B)
            CHECKPOINT LOCATION: 0/1B00060
            BACKUP METHOD: streamed
            BACKUP FROM: primary
            START TIME: 2026-11-23 14:01:13 GMT
            LABEL: pg_basebackup base backup
            START TIMELINE: 1

            """
        #expect(label.text == text)
        #expect(text.utf8.count == 225)
        // The manifest of that backup had this checksum for it.
        var checksum = FileChecksum(.crc32c)
        checksum.update(Array(text.utf8))
        #expect(checksum.entry?.digest == "3b2e64ec")
    }

    @Test func `a label of several lines cannot pretend to be more than a label`() {
        let label = BackupLabel(
            start: BaseBackup.Start(
                position: LSN(0), checkpoint: LSN(0), timeline: Timeline(7), isStandby: true,
                files: []),
            segmentSize: .oneMebibyte, label: "x\nSTART TIMELINE: 9\r\ny", startedAt: instant)
        #expect(label.text.contains("\nLABEL: x START TIMELINE: 9 y\nSTART TIMELINE: 7\n"))
        #expect(label.text.contains("\nBACKUP FROM: standby\n"))
    }

    @Test func `the archive holds the label, then all in the order of the list`() throws {
        var dialogue = try dialogue()
        let page = (0..<8192).map { UInt8($0 % 251) }
        dialogue.add("pg_wal", nil)
        dialogue.add("base/5/16384", page + page + page + page + page)
        dialogue.add("global/pg_control", page)
        dialogue.run()
        let members = try #require(dialogue.members)
        #expect(
            members.map(\.name)
                == ["backup_label", "pg_wal/", "base/5/16384", "global/pg_control"])
        #expect(members.map(\.type) == Array("0500".utf8))
        #expect(members[2].content == page + page + page + page + page)
        #expect(members[3].content == page)
    }

    @Test func `tablespace_map is empty, and comes second`() throws {
        var dialogue = try dialogue("BASE_BACKUP ( TABLESPACE_MAP,  MANIFEST 'yes')")
        dialogue.add("PG_VERSION", [49])
        dialogue.run()
        let members = try #require(dialogue.members)
        #expect(members.map(\.name) == ["backup_label", "tablespace_map", "PG_VERSION"])
        #expect(
            dialogue.manifest.contains(
                "{ \"Path\": \"tablespace_map\", \"Size\": 0, \"Last-Modified\":"))
    }

    // MARK: Files that change under the backup

    @Test func `a file that shrank is filled up with zeros`() throws {
        var dialogue = try dialogue()
        dialogue.add("t", [UInt8](repeating: 9, count: 70_000))
        dialogue.meanwhile = { disk, path in disk[path]?.removeLast(30_000) }
        dialogue.run()
        let content = try #require(dialogue.members?.last?.content)
        let shrunk =
            [UInt8](repeating: 9, count: 40_000) + [UInt8](repeating: 0, count: 30_000)
        #expect(content == shrunk)
        var checksum = FileChecksum(.crc32c)
        checksum.update(shrunk)
        #expect(dialogue.manifest.contains(checksum.entry?.digest ?? "?"))
    }

    @Test func `of a file that grew only what was announced is sent`() throws {
        var dialogue = try dialogue()
        dialogue.add("t", [1, 2, 3])
        dialogue.meanwhile = { disk, path in disk[path]? += [4, 5] }
        dialogue.run()
        #expect(dialogue.members?.last?.content == [1, 2, 3])
    }

    @Test func `a file that is gone is left out of the archive and the manifest`() throws {
        var dialogue = try dialogue()
        dialogue.add("a", [1])
        dialogue.add("b", [2])
        dialogue.meanwhile = { disk, path in if path == "a" { disk[path] = nil } }
        dialogue.run()
        #expect(dialogue.members?.map(\.name) == ["backup_label", "b"])
        #expect(!dialogue.manifest.contains("\"a\""))
    }

    @Test func `a disk that fails ends the backup with an error, and commands go on`() throws {
        var sender = ReplicationConversation()
        let server = WALSender.Server(flush: 0x1000)
        let error = ServerError(code: .ioError, message: "could not read")
        #expect(
            sender.commandReceived(.baseBackup(BaseBackupOptions()), server: server)
                == [.beginBackup(label: "base backup", isFast: false)])
        #expect(sender.isBusy)
        var begun = sender
        #expect(sender.backupFailed(error) == ReplicationConversation.Action.refusal(error))
        #expect(!sender.isBusy)
        let file = BackupFile(path: "t", kind: .file(byteCount: 10), modifiedAt: instant)
        _ = begun.backupBegun(
            BaseBackup.Start(
                position: LSN(1), checkpoint: LSN(2), timeline: .first, isStandby: false,
                files: [file]), server: server)
        #expect(begun.standing == .backup)
        #expect(
            begun.pump(server: server, room: 1 << 20).last
                == .backup(.readFile(path: "t", from: 0, byteCount: 10)))
        #expect(begun.backupFailed(error) == ReplicationConversation.Action.refusal(error))
        #expect(begun.fileRead([1], server: server) == [])
        #expect(!begun.commandReceived(.identifySystem, server: server).isEmpty)
    }

    // MARK: Room

    @Test func `nothing is read before there is room for it`() throws {
        var dialogue = try dialogue()
        dialogue.add("t", [UInt8](repeating: 1, count: 200_000))
        dialogue.room = BaseBackup.stepByteCount - 1
        dialogue.run()
        #expect(dialogue.outline == "T D C T D C H nbase.tar,")
        dialogue.room = BaseBackup.stepByteCount
        dialogue.run()
        #expect(dialogue.sender.isBusy == false || dialogue.error != nil)
    }

    @Test func `no more than the room is given out, and one piece is in memory at a time`() throws {
        for room in [BaseBackup.stepByteCount, 100_000, 1 << 20] {
            var dialogue = try dialogue()
            for index in 0..<50 {
                dialogue.add("d\(index)", nil)
                dialogue.add("f\(index)", [UInt8](repeating: 1, count: index * 3000))
            }
            dialogue.room = room
            dialogue.run()
            #expect(dialogue.largestBurst <= room)
            #expect(dialogue.members?.count == 101)
            let pieces = dialogue.messages.compactMap(\.backupData?.count)
            #expect((pieces.max() ?? 0) <= BaseBackup.pieceByteCount)
        }
    }

    @Test func `the client is told now and then, if time passes`() throws {
        var sender = ReplicationConversation()
        var server = WALSender.Server(flush: 0x1B0_0100)
        _ = sender.commandReceived(.baseBackup(BaseBackupOptions()), server: server)
        let file = BackupFile(path: "t", kind: .file(byteCount: 400_000), modifiedAt: instant)
        _ = sender.backupBegun(
            BaseBackup.Start(
                position: LSN(1), checkpoint: LSN(2), timeline: .first, isStandby: false,
                files: [file]), server: server)
        var told: [Int64] = []
        for piece in 0..<12 {
            _ = sender.pump(server: server, room: 1 << 20)
            // Half a second for each piece of 32 KiB: every fourth is due to be told.
            server.now = after(.milliseconds(500 * piece))
            for case .backup(.send(.progress(let count))) in sender.fileRead(
                [UInt8](repeating: 0, count: 32_768), server: server)
            {
                told.append(count)
            }
        }
        #expect(told.count == 5)
        #expect(told == told.sorted())
        #expect(sender.backupProgress?.expectedByteCount == 512 + 400_384)
        #expect((sender.backupProgress?.sentByteCount ?? 0) > 393_216)
    }

    @Test func `MAX_RATE makes it wait, eight times a second`() throws {
        var sender = ReplicationConversation()
        var server = WALSender.Server(flush: 0x1B0_0100)
        var options = BaseBackupOptions()
        options.maximumRate = 64
        _ = sender.commandReceived(.baseBackup(options), server: server)
        let file = BackupFile(path: "t", kind: .file(byteCount: 131_072), modifiedAt: instant)
        _ = sender.backupBegun(
            BaseBackup.Start(
                position: LSN(1), checkpoint: LSN(2), timeline: .first, isStandby: false,
                files: [file]), server: server)
        var waits = 0
        while sender.isBusy {
            for action in sender.pump(server: server, room: 1 << 20) {
                if case .backup(.readFile(_, _, let count)) = action {
                    _ = sender.fileRead([UInt8](repeating: 0, count: count), server: server)
                }
                if action == .backup(.end) {
                    _ = sender.backupEnded(
                        BaseBackup.End(
                            position: LSN(9), timeline: .first, history: TimelineHistory(),
                            isStandby: false))
                }
            }
            guard let deadline = sender.nextDeadline(server: server), deadline > server.now else {
                continue
            }
            #expect(sender.pump(server: server, room: 1 << 20) == [])
            waits += 1
            server.now = deadline
            #expect(sender.deadlineReached(server: server) == [])
        }
        // 128 KiB at 64 kB a second.
        #expect(server.now >= after(.seconds(2)))
        #expect(server.now < after(.milliseconds(2200)))
        #expect(waits == 4)
    }
}
