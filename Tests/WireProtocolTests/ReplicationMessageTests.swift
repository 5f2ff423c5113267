import Testing
import WALFormat

@testable import WireProtocol

struct ReplicationMessageTests {
    static let samples: [ReplicationMessage] = [
        .xLogData(
            XLogData(
                start: LSN(0x0100_0028), walEnd: LSN(0x0100_0100),
                sentAt: PostgresTime(microseconds: 1), bytes: Array(0...255))),
        .xLogData(
            XLogData(
                start: LSN(.max), walEnd: .invalid, sentAt: PostgresTime(microseconds: .min),
                bytes: [])),
        .keepalive(
            Keepalive(
                walEnd: LSN(7), sentAt: PostgresTime(microseconds: 2), replyRequested: true)),
        .statusUpdate(
            StandbyStatus(
                write: LSN(3), flush: LSN(2), apply: .invalid,
                sentAt: PostgresTime(microseconds: 3))),
        .hotStandbyFeedback(
            HotStandbyFeedback(
                sentAt: PostgresTime(microseconds: 4), xmin: 700, epoch: 1, catalogXmin: 3,
                catalogEpoch: .max)),
    ]

    @Test(arguments: samples) func `a payload survives CopyData`(_ message: ReplicationMessage)
        throws
    {
        #expect(try ReplicationMessage(decoding: message.encoded()) == message)
        #expect(message.framed() == BackendMessage.copyData(message.encoded()).encoded())
        #expect(message.framed() == FrontendMessage.copyData(message.encoded()).encoded())
    }

    @Test(arguments: samples) func `a payload cut short is an error, never a crash`(
        _ message: ReplicationMessage
    ) {
        let fields = message.encoded()
        let letter = fields[0]
        // WAL may have any length, so only its header can be cut short.
        let shortest = letter == UInt8(ascii: "w") ? XLogData.headerLength : fields.count
        for cut in 1..<shortest {
            #expect(throws: FrameError.malformedCopyPayload(letter, .insufficientData)) {
                try ReplicationMessage(decoding: Array(fields[..<cut]))
            }
        }
    }

    @Test func `payloads have PostgreSQL's sizes`() {
        #expect(Self.samples.map { $0.encoded().count } == [25 + 256, 25, 18, 34, 25])
    }

    @Test func `an unknown payload drops the link and a short one is an error`() {
        let unknown = #expect(throws: FrameError.self) {
            try ReplicationMessage(decoding: Array("Z".utf8))
        }
        #expect(unknown == .unknownCopyPayload(0x5A))
        #expect(unknown?.answer == .close)
        for short in [[], Array("r\0\0".utf8)] {
            let error = #expect(throws: FrameError.self) {
                try ReplicationMessage(decoding: short)
            }
            guard case .error(let answer, then: .readyForQuery) = error?.answer else {
                Issue.record("not an ERROR")
                return
            }
            #expect(answer.code == .protocolViolation)
        }
    }

    @Test func `bytes after the last field are ignored, as PostgreSQL does`() throws {
        #expect(
            try ReplicationMessage(decoding: Self.samples[3].encoded() + [1, 2, 3])
                == Self.samples[3])
    }

    @Test func `a piece of WAL knows where it ends`() {
        let data = XLogData(
            start: LSN(100), walEnd: LSN(500), sentAt: PostgresTime(microseconds: 0),
            bytes: [1, 2, 3])
        #expect(data.end == LSN(103))
    }

    @Test(arguments: [
        BackupMessage.archive(name: "base.tar", path: ""), .archive(name: "16400.tar", path: "/x"),
        .data([]), .data([1, 2, 3]), .progress(.max), .manifest,
    ])
    func `a base backup's payload survives CopyData`(_ message: BackupMessage) throws {
        let payload = Array(message.framed().dropFirst(5))
        #expect(try BackupMessage(decoding: payload) == message)
        #expect(message.framed() == BackendMessage.copyData(payload).encoded())
    }

    @Test func `a base backup's nonsense is refused`() {
        #expect(throws: FrameError.unknownCopyPayload(0x7A)) {
            try BackupMessage(decoding: Array("z".utf8))
        }
        #expect(throws: FrameError.malformedCopyPayload(0x6E, .missingTerminator)) {
            try BackupMessage(decoding: Array("nbase.tar\0".utf8))
        }
        #expect(throws: FrameError.malformedCopyPayload(0x6D, .trailingBytes(1))) {
            try BackupMessage(decoding: Array("mm".utf8))
        }
        #expect(throws: FrameError.self) { try BackupMessage(decoding: []) }
    }
}
