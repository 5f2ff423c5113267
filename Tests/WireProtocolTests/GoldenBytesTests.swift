import TestSupport
import Testing
import WALFormat

@testable import WireProtocol

/// Bytes captured from PostgreSQL 15, which ours must equal.
struct GoldenBytesTests {
    @Test func `IDENTIFY_SYSTEM is answered with PostgreSQL's bytes`() throws {
        let reply = IdentifySystemReply(
            systemIdentifier: 7_711_137_902_952_545_720, timeline: .first,
            flushLSN: try #require(LSN("0/16001B0")))
        let description =
            hex("54 0000006f 0004") + Array("systemid\0".utf8)
            + hex("00000000 0000 00000019 ffff ffffffff 0000") + Array("timeline\0".utf8)
            + hex("00000000 0000 00000017 0004 ffffffff 0000") + Array("xlogpos\0".utf8)
            + hex("00000000 0000 00000019 ffff ffffffff 0000") + Array("dbname\0".utf8)
            + hex("00000000 0000 00000019 ffff ffffffff 0000")
        let row =
            hex("44 00000033 0004 00000013") + Array("7711137902952545720".utf8)
            + hex("00000001 31 00000009") + Array("0/16001B0".utf8) + hex("ffffffff")
        #expect(reply.messages[0].encoded() == description)
        #expect(reply.messages[1].encoded() == row)
        #expect(reply.messages[2] == .commandComplete("IDENTIFY_SYSTEM"))
        #expect(reply.messages.count == 3)
    }

    @Test func `the COPY messages are PostgreSQL's bytes`() {
        #expect(BackendMessage.copyBothResponse().encoded() == hex("57 00000007 00 0000"))
        #expect(BackendMessage.copyOutResponse().encoded() == hex("48 00000007 00 0000"))
        #expect(BackendMessage.copyDone.encoded() == hex("63 00000004"))
        #expect(FrontendMessage.copyDone.encoded() == hex("63 00000004"))
    }

    @Test func `a base backup's marks are PostgreSQL's bytes`() {
        #expect(
            BackupMessage.archive(name: "base.tar", path: "").framed()
                == hex("64 0000000f 6e") + Array("base.tar\0".utf8) + [0])
        #expect(BackupMessage.progress(258).framed() == hex("64 0000000d 70 00000000 00000102"))
        #expect(BackupMessage.manifest.framed() == hex("64 00000005 6d"))
        #expect(BackupMessage.data([1, 2]).framed() == hex("64 00000007 64 0102"))
    }

    @Test func `a status and a heartbeat are PostgreSQL's bytes`() {
        let status = StandbyStatus(
            write: LSN(3), flush: LSN(2), apply: LSN(1), sentAt: PostgresTime(microseconds: 5),
            replyRequested: true)
        #expect(
            ReplicationMessage.statusUpdate(status).framed()
                == hex(
                    """
                    64 00000026 72 0000000000000003 0000000000000002 0000000000000001
                    0000000000000005 01
                    """))
        let heartbeat = Keepalive(
            walEnd: LSN(1 << 32), sentAt: PostgresTime(microseconds: -1), replyRequested: false)
        #expect(
            ReplicationMessage.keepalive(heartbeat).framed()
                == hex("64 00000016 6b 0000000100000000 ffffffffffffffff 00"))
    }

    @Test func `the startup packet of a WAL receiver is PostgreSQL's bytes`() {
        let startup = StartupMessage(
            user: "u", database: "replication", applicationName: "a", replication: true)
        let fields = "user\0u\0database\0replication\0replication\0true\0application_name\0a\0\0"
        #expect(
            FrontendMessage.startup(startup).encoded()
                == length(8 + fields.utf8.count) + hex("00030000") + Array(fields.utf8))
        #expect(FrontendMessage.sslRequest.encoded() == hex("00000008 04d2162f"))
        #expect(FrontendMessage.gssencRequest.encoded() == hex("00000008 04d21630"))
        #expect(
            FrontendMessage.cancelRequest(processID: 1, secretKey: 2).encoded()
                == hex("00000010 04d2162e 00000001 00000002"))
    }

    @Test func `what a newer client hears is PostgreSQL's bytes`() throws {
        var startup = StartupMessage(user: "u")
        #expect(startup.negotiation == nil)
        startup.version = ProtocolVersion(major: 3, minor: 2)
        #expect(startup.negotiation?.encoded() == hex("76 0000000c 00030000 00000000"))
        startup = StartupMessage(parameters: [.init("user", "u"), .init("_pq_.foo", "bar")])
        #expect(
            startup.negotiation?.encoded()
                == hex("76 00000015 00030000 00000001") + Array("_pq_.foo\0".utf8))
    }
}
