import Replication
import Testing
import WALFormat
import WireProtocol

/// Backups that are refused, as PostgreSQL 15.20 refuses them, and backups with their WAL.
struct BackupRefusalTests {
    private let megabyte = 1 << 20

    private func refusal(_ change: (inout BaseBackupOptions) -> Void) -> ServerError? {
        var dialogue = BackupDialogue(change)
        dialogue.run()
        return dialogue.error
    }

    @Test func `targets other than the client's side`() {
        #expect(
            refusal { $0.targetDetail = "x" }
                == ServerError(
                    code: .syntaxError,
                    message: "target \"client\" does not accept a target detail"))
        #expect(
            refusal { $0.target = "nowhere" }
                == ServerError(
                    code: .featureNotSupported, message: "unrecognized target: \"nowhere\""))
        for target in ["server", "blackhole"] {
            #expect(refusal { $0.target = target }?.code == .featureNotSupported)
        }
    }

    @Test func `compression`() {
        #expect(
            refusal { $0.compression = "lzma" }
                == ServerError(
                    code: .syntaxError, message: "unrecognized compression algorithm: \"lzma\""))
        #expect(
            refusal { $0.compressionDetail = "5" }
                == ServerError(
                    code: .syntaxError,
                    message: "compression detail cannot be specified unless compression is enabled"
                ))
        for method in ["gzip", "lz4", "zstd"] {
            #expect(refusal { $0.compression = method }?.code == .featureNotSupported)
        }
        #expect(refusal { $0.compression = "none" } == nil)
    }

    @Test func `a label of more than 1024 bytes`() {
        #expect(
            refusal { $0.label = String(repeating: "x", count: 1025) }
                == ServerError(
                    code: .invalidParameterValue, message: "backup label too long (max 1024 bytes)"
                ))
        #expect(refusal { $0.label = String(repeating: "x", count: 1024) } == nil)
    }

    @Test func `a name that no tar header can hold`() {
        for (path, content) in [
            (String(repeating: "x", count: 100), [1]), (String(repeating: "x", count: 99), nil),
        ] as [(String, [UInt8]?)] {
            var dialogue = BackupDialogue()
            dialogue.add(path, content)
            dialogue.run()
            #expect(
                dialogue.messages
                    == ReplicationConversation.Action.refusal(
                        ServerError(
                            code: .internalError,
                            message: "file name too long for tar format: \"\(path)\"")))
        }
        var dialogue = BackupDialogue()
        dialogue.add(String(repeating: "x", count: 99), [1])
        dialogue.run()
        #expect(dialogue.error == nil)
    }

    @Test func `a standby that was promoted meanwhile`() {
        var dialogue = BackupDialogue()
        dialogue.start.isStandby = true
        dialogue.end = BaseBackup.End(
            position: LSN(0x1B0_0100), timeline: .first, history: TimelineHistory(),
            isStandby: false)
        dialogue.run()
        #expect(dialogue.error?.code == .objectNotInPrerequisiteState)
        #expect(dialogue.error?.message == "the standby was promoted during online backup")
        #expect(!dialogue.sender.isBusy)
        #expect(dialogue.actions.last == .send(.readyForQuery(.idle)))
    }

    @Test func `a backup of a standby that stays one`() {
        var dialogue = BackupDialogue()
        dialogue.start.isStandby = true
        dialogue.run()
        #expect(dialogue.error == nil)
    }

    @Test func `an end whose history does not know the start`() {
        var dialogue = BackupDialogue()
        dialogue.start.timeline = Timeline(3)
        dialogue.run()
        #expect(
            dialogue.error?.message == "start timeline 3 not found in history of end timeline")
    }

    @Test func `a server that stops cuts a backup off`() {
        var sender = ReplicationConversation()
        let server = WALSender.Server(flush: 0x1000)
        _ = sender.commandReceived(.baseBackup(BaseBackupOptions()), server: server)
        #expect(sender.serverStops(server: server).last == .close)
        #expect(
            sender.backupBegun(
                BaseBackup.Start(
                    position: LSN(1), checkpoint: LSN(1), timeline: .first, isStandby: false,
                    files: []), server: server) == [])
    }

    // MARK: WAL

    private func segment(_ number: UInt64, timeline: UInt32 = 1) -> BackupFile {
        let name = SegmentName(timeline: Timeline(timeline), number: number)
        return BackupFile(
            path: "pg_wal/" + name.fileName(.oneMebibyte), kind: .file(byteCount: megabyte),
            modifiedAt: instant)
    }

    /// A backup with its WAL, from segment 0x1B on to the first byte of 0x1D.
    private func withWAL(_ files: [BackupFile]) -> BackupDialogue {
        var dialogue = BackupDialogue {
            $0.includesWAL = true
            $0.manifest = .yes
        }
        dialogue.server.flushLSN = LSN(0x1D0_0001)
        dialogue.walFiles = files
        dialogue.add("t", [1])
        dialogue.run()
        return dialogue
    }

    @Test func `the WAL it needs comes last, and is not in the manifest`() throws {
        let odd = BackupFile(path: "pg_wal/junk", kind: .file(byteCount: 3), modifiedAt: instant)
        let dialogue = withWAL([
            segment(0x1E), segment(0x1D), odd, segment(0x1A), segment(0x1C), segment(0x1B),
        ])
        let members = try #require(dialogue.members)
        #expect(
            members.map(\.name)
                == [
                    "backup_label", "t", "pg_wal/00000001000000000000001B",
                    "pg_wal/00000001000000000000001C", "pg_wal/00000001000000000000001D",
                ])
        #expect(members.last?.content.count == megabyte)
        #expect(!dialogue.manifest.contains("pg_wal"))
        #expect(dialogue.actions.filter { $0 == .backup(.end) }.count == 1)
    }

    @Test func `a position at a segment's very start needs the one before it only`() throws {
        var dialogue = BackupDialogue { $0.includesWAL = true }
        dialogue.server.flushLSN = LSN(0x1C0_0000)
        dialogue.walFiles = [segment(0x1B), segment(0x1C)]
        dialogue.run()
        #expect(dialogue.members?.count == 2)
    }

    @Test func `histories come along, behind the segments of all timelines`() throws {
        let history = BackupFile(
            path: "pg_wal/00000002.history", kind: .file(byteCount: 41), modifiedAt: instant)
        var dialogue = BackupDialogue {
            $0.includesWAL = true
            $0.manifest = .yes
        }
        dialogue.server = WALSender.Server(
            flush: 0x1D0_0001, history: TimelineHistory(forks: 0x1C0_1000))
        dialogue.walFiles = [
            history, segment(0x1C, timeline: 2), segment(0x1D, timeline: 2), segment(0x1B),
            segment(0x1C),
        ]
        dialogue.run()
        #expect(
            dialogue.members?.map { $0.name.split(separator: "/").last ?? "" }
                == [
                    "backup_label", "00000001000000000000001B", "00000001000000000000001C",
                    "00000002000000000000001C", "00000002000000000000001D", "00000002.history",
                ])
        #expect(
            dialogue.manifest.contains(
                """
                "WAL-Ranges": [
                { "Timeline": 2, "Start-LSN": "0/1C01000", "End-LSN": "0/1D00001" },
                { "Timeline": 1, "Start-LSN": "0/1B00028", "End-LSN": "0/1C01000" }
                ],
                """))
    }

    @Test func `WAL that is missing or misshapen ends it with an error`() {
        func error(_ files: [BackupFile]) -> ServerError? { withWAL(files).error }
        #expect(error([])?.message == "could not find any WAL files")
        #expect(error([segment(0x1A)])?.message == "could not find any WAL files")
        #expect(
            error([segment(0x1C), segment(0x1D)])
                == ServerError(
                    code: .undefinedFile,
                    message:
                        "requested WAL segment 00000001000000000000001B has already been removed"))
        #expect(
            error([segment(0x1B), segment(0x1D)])?.message
                == "could not find WAL file \"00000001000000000000001C\"")
        var short = segment(0x1C)
        short.kind = .file(byteCount: 17)
        #expect(
            error([segment(0x1B), short, segment(0x1D)])?.message
                == "unexpected WAL file size \"00000001000000000000001C\"")
    }

    @Test(arguments: [
        ("base/5/16384", false), ("pg_wal", false), ("pg_wal/archive_status", false),
        ("pg_wal/000000010000000000000001", true), ("pg_wal/archive_status/x", true),
        ("pg_replslot/s1/state", true), ("pg_replslot", false), ("global/pg_control", false),
        ("postmaster.pid", true), ("backup_label", true), ("base/5/pgsql_tmp3", true),
        ("pg_xact/0000", false), ("", true), ("/", true),
    ])
    func `what belongs into a backup`(_ path: String, _ isExcluded: Bool) {
        #expect(BackupFile.isExcluded(path) == isExcluded)
    }
}
