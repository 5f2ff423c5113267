import TestSupport
import Testing

@testable import WALFormat

@Suite struct RecordBodyTests {
    static let checkPoint = CheckPoint(
        redo: LSN(0x1000028), timeline: Timeline(2), previousTimeline: Timeline(1),
        fullPageWrites: true, nextXID: 1 << 32 | 731, nextOID: 16432, nextMulti: 5,
        nextMultiOffset: 6, oldestXID: TransactionID(716), oldestXIDDatabase: 1, oldestMulti: 3,
        oldestMultiDatabase: 4, time: 1_763_897_707, oldestCommitTimestampXID: TransactionID(8),
        newestCommitTimestampXID: TransactionID(9), oldestActiveXID: TransactionID(700))

    static let bodies: [RecordBody] = [
        .checkpoint(checkPoint, shutdown: true), .checkpoint(checkPoint, shutdown: false),
        .endOfRecovery(
            time: PostgresTime(microseconds: 5), timeline: Timeline(3),
            previousTimeline: Timeline(2)),
        .switchSegment, .noop, .commit(PostgresTime(microseconds: .max)),
        .abort(PostgresTime(microseconds: .min)),
        .generic([BlockReference(block: 17, data: [0, 8, 2, 0, 1, 2])]),
        .logicalMessage(transactional: true, prefix: "lab", content: Array("SET n1 v1".utf8)),
        .logicalMessage(transactional: false, prefix: "", content: []),
    ]

    @Test(arguments: bodies) func `a record means what it was made from`(body: RecordBody) throws {
        let record = WALRecord(xid: TransactionID(700), body: body)
        #expect(record.body == body)
        #expect(try WALRecord(decoding: record.encoded()) == record)
    }

    @Test func `the lengths are those of PostgreSQL's structs`() {
        let lengths = Self.bodies.map { WALRecord(body: $0).encoded().count }
        #expect(lengths == [114, 114, 42, 24, 24, 34, 34, 50, 63, 51])
    }

    @Test func `every field of a checkpoint is where PostgreSQL has it`() {
        let bytes = Self.checkPoint.encoded()
        #expect(
            bytes
                == hex(
                    """
                    2800000100000000 02000000 01000000 01000000 00000000 db02000001000000 \
                    30400000 05000000 06000000 cc020000 01000000 03000000 04000000 00000000 \
                    6bf1226900000000 08000000 09000000 bc020000 00000000
                    """))
        #expect(CheckPoint(decoding: bytes) == Self.checkPoint)
        #expect(CheckPoint(decoding: bytes + [0]) == nil)
        #expect(CheckPoint(decoding: Array(bytes.dropLast())) == nil)
    }

    @Test(arguments: bodies) func `cut main data means something else or nothing`(
        body: RecordBody
    ) {
        var record = WALRecord(body: body)
        let data = record.mainData
        guard !data.isEmpty else { return }
        for length in 0..<data.count {
            record.mainData = Array(data[..<length])
            #expect(record.body == .other)
        }
    }

    @Test func `a message's lengths must add up`() {
        let message = WALRecord(
            body: .logicalMessage(transactional: true, prefix: "lab", content: [1, 2]))
        for (offset, value) in [(8, UInt64(0)), (8, .max), (8, 5), (16, 3), (16, .max)] {
            var record = message
            record.mainData.store(littleEndian: value, at: offset)
            #expect(record.body == .other)
        }
        var notText = message
        notText.mainData[24] = 0xFF
        #expect(notText.body == .other)
    }

    @Test func `records of other kinds are other`() {
        #expect(WALRecord(resourceManager: 10, mainData: [1]).body == .other)
        #expect(WALRecord(resourceManager: 0, info: 0x30, mainData: [1, 2, 3, 4]).body == .other)
        let prepare = WALRecord(
            resourceManager: 1, info: 0x10, mainData: Array(repeating: 0, count: 64))
        #expect(prepare.body == .other)
    }

    @Test func `a commit of PostgreSQL's that says more is still a commit`() {
        let record = WALRecord(
            resourceManager: 1, info: 0x80, mainData: [9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5])
        #expect(record.body == .commit(PostgresTime(microseconds: 9)))
    }
}
