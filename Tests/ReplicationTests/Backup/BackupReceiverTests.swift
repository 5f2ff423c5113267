import Testing
import WALFormat
import WireProtocol

@testable import Replication

/// A base backup from the client's side: a sender's own words, taken in.
struct BackupReceiverTests {
    private static let files: [(path: String, content: [UInt8]?)] = [
        ("PG_VERSION", Array("15\n".utf8)), ("base", nil), ("base/5", nil),
        ("base/5/16384", [UInt8](repeating: 7, count: 70_000)), ("empty", []), ("pg_wal", nil),
        ("global", nil), ("global/shiplog_control", [UInt8](0..<76)),
    ]

    @Test func `it asks for everything that a node can start from`() {
        var reception = Reception()
        reception.greet()
        #expect(
            reception.commands == [
                "BASE_BACKUP ( LABEL 'shiplog basebackup r1',  PROGRESS,  WAL,  CHECKPOINT 'fast',"
                    + "  WAIT 0,  MANIFEST 'yes',  MANIFEST_CHECKSUMS 'CRC32C',  TARGET 'client')"
            ])
        #expect(!reception.wasEmptied)
    }

    @Test(arguments: [1, 7, 511, 512, 513, 4096, 1 << 20])
    func `what arrives is what was sent, however it is cut`(size: Int) throws {
        let sent = try SentBackup(Self.files)
        var reception = Reception()
        reception.greet()
        reception.hear(sent.cut(into: size))
        let summary = try #require(reception.summary)
        for file in Self.files where file.content != nil {
            #expect(reception.files[file.path] == file.content, "\(file.path)")
        }
        #expect(reception.directories == ["base", "base/5", "pg_wal", "global"])
        #expect(reception.wasEmptied)
        #expect(reception.manifest != nil)
        #expect(summary.redo == LSN(0x1B0_0028))
        #expect(summary.checkpoint == LSN(0x1B0_0060))
        #expect(summary.end == LSN(0x1B0_0100))
        #expect(summary.fileCount == 5)
        #expect(summary.walFileCount == 0)
        #expect(reception.receiver.nextDeadline == nil)
    }

    @Test func `WAL is counted apart from the files`() throws {
        let summary = try #require(try SentBackup(Self.files, withWAL: true).received().summary)
        #expect(summary.fileCount == 5)
        #expect(summary.walFileCount == 1)
        #expect(summary.walByteCount == 1 << 20)
    }

    @Test func `a name in hexadecimal is a name`() throws {
        let sent = try SentBackup(Self.files) { $0.options.manifest = .forceEncode }
        #expect(sent.received().summary?.fileCount == 5)
    }

    @Test func `a standby's backup needs no other label`() throws {
        let sent = try SentBackup(Self.files) { $0.start.isStandby = true }
        #expect(sent.received().summary != nil)
    }

    @Test func `wherever the connection breaks off there is no backup`() throws {
        let sent = try SentBackup(Self.files)
        let begun = try #require(
            sent.messages.firstIndex { if case .copyOutResponse = $0 { true } else { false } })
        for count in sent.messages.indices {
            var reception = Reception()
            reception.greet()
            reception.hear(Array(sent.messages[..<count]))
            reception.close()
            #expect(
                reception.outcome
                    == .failed(.connectionLost, directoryIsTouched: count > begun), "\(count)")
        }
    }

    @Test func `a server that says nothing is given up, and not before its time`() throws {
        let sent = try SentBackup(Self.files)
        var reception = Reception()
        reception.greet()
        reception.hear(Array(sent.messages[..<12]))
        reception.time(59)
        #expect(reception.outcome == nil)
        #expect(reception.receiver.nextDeadline == instant.advanced(by: .seconds(60)))
        reception.time(60)
        #expect(reception.failure == .timedOut(after: .seconds(60)))
        #expect(reception.hungUp)
    }

    @Test func `a server's error is handed on, and leaves the directory alone before the start`()
        throws
    {
        let error = ServerError(code: .diskFull, message: "no")
        var reception = Reception()
        reception.greet()
        reception.hear([.errorResponse(error), .readyForQuery(.idle)])
        #expect(reception.outcome == .failed(.refused(error), directoryIsTouched: false))
        #expect(!reception.wasEmptied)
    }

    @Test func `nobody there, a broken disk, and a change of mind`() throws {
        var reception = Reception()
        reception.greet()
        reception.breakFrames()
        #expect(reception.failure == .protocolViolation("x"))
        var unreachable = BackupReceiver(name: "r1", timeout: .zero)
        #expect(unreachable.connect(now: instant) == [.dial])
        #expect(unreachable.nextDeadline == nil)
        #expect(
            unreachable.connectionClosed() == [
                .disconnect, .ended(.failed(.unreachable, directoryIsTouched: false)),
            ])
        #expect(unreachable.connectionClosed() == [])
        let sent = try SentBackup(Self.files)
        var full = Reception()
        full.greet()
        full.hear(Array(sent.messages[..<12]))
        full.failStorage()
        #expect(full.outcome == .failed(.disk("no room"), directoryIsTouched: true))
        full.hear(Array(sent.messages[12...]))
        #expect(full.failure == .disk("no room"))
    }

    @Test func `messages out of turn end it`() throws {
        let sent = try SentBackup(Self.files)
        let strangers: [BackendMessage] = [
            .copyDone, .readyForQuery(.idle), .copyBothResponse(), .authenticationOK,
            .copyData(Array("q".utf8)), .copyData([]), .copyData(SentBackup.payload(.manifest)),
            .copyData(SentBackup.payload(.archive(name: "2.tar", path: "/x"))),
        ]
        for stranger in strangers {
            var reception = Reception()
            reception.greet()
            reception.hear(Array(sent.messages[..<12]))
            reception.hear([stranger])
            #expect(reception.failure != nil, "\(stranger)")
        }
    }
}
