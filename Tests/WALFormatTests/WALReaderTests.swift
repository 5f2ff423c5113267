import LabClock
import TestSupport
import Testing

@testable import WALFormat

@Suite struct WALReaderTests {
    @Test(arguments: [11, 12, 13]) func `what was inserted is read, however it is cut`(
        seed: UInt64
    ) {
        let log = randomLog(seed: seed, count: 120, limit: 60000)
        #expect(log.end - log.start > 2 << 20)
        var random = SeededDraws(seed: seed)
        for limit in [1 << 22, 131_072, 5000, 100] {
            var reader = log.reader()
            let read = reader.readAll(of: log.bytes) { Int.random(in: 1...limit, using: &random) }
            #expect(read.records == log.records)
            #expect(read.end == .needsMoreBytes)
            #expect(reader.end == log.end)
            #expect(reader.previous == log.records.last?.start)
            #expect(!reader.isInsideRecord)
        }
    }

    @Test func `reading can begin at every record`() {
        let log = randomLog(seed: 14, count: 60, limit: 20000)
        for (index, placed) in log.records.enumerated() {
            for previous in [placed.record.previous, nil] {
                var reader = WALReader(
                    at: placed.start, previous: previous, segmentSize: .oneMebibyte,
                    systemIdentifier: nil)
                reader.feed(Array(log.bytes[(placed.start - log.start)...]))
                #expect(reader.readAll().records[...] == log.records[index...])
            }
        }
    }

    @Test func `reading can begin at every page and passes over the rest of a record`() {
        let log = randomLog(seed: 15, count: 40, limit: 30000)
        for page in stride(from: 0, to: log.bytes.count, by: 8192) {
            let at = log.start.advanced(by: page)
            // The zeros behind a segment switch have no page headers.
            guard log.bytes[page] != 0 else { continue }
            var reader = WALReader(
                at: at, previous: nil, segmentSize: .oneMebibyte, systemIdentifier: nil)
            let read = reader.readAll(of: Array(log.bytes[page...])) { 3000 }
            #expect(read.records == log.records.filter { $0.start >= at })
        }
    }

    @Test func `drip-fed it finds the same, and the same end`() {
        let log = smallLog()
        let ends: [[UInt8]] = [
            [], hex("0000000000000000"), hex("1700000000000000"), hex("18000000"),
            hex("18000000000000000100000000000000") + Array(repeating: 0, count: 8),
        ]
        for end in ends {
            var whole = log.reader()
            whole.feed(log.bytes + end)
            let expected = whole.readAll()
            var dripped = log.reader()
            let read = dripped.readAll(of: log.bytes + end) { 1 }
            #expect(read.records == log.records && expected.records == log.records)
            #expect(read.end == expected.end)
        }
    }

    @Test func `each way to end has its reason`() {
        let log = smallLog()
        let previous = log.records.last?.start ?? .invalid
        func reason(_ tail: String) -> EndReason? {
            var reader = log.reader()
            reader.feed(log.bytes + hex(tail))
            guard case .endOfLog(let at, let reason) = reader.readAll().end else { return nil }
            #expect(at == log.end)
            return reason
        }
        #expect(reason("00000000") == .neverWritten)
        #expect(reason("17000000") == .lengthOutOfRange(23))
        #expect(reason("ffffffff") == .lengthOutOfRange(.max))
        #expect(
            reason("18000000 00000000 0100000000000000 0000 0000 00000000")
                == .wrongPrevious(found: LSN(1), expected: previous))
        var other = log
        other.append(WALRecord(resourceManager: 99))
        var reader = other.reader()
        reader.feed(other.bytes)
        #expect(
            reader.readAll().end == .endOfLog(at: log.end, .unknownResourceManager(99)))
    }

    @Test func `a record is torn or corrupt, and corrupt can be in the middle or last`() {
        var log = smallLog()
        let at = log.end
        log.append(.noop)
        var damaged = log.bytes
        damaged[at - log.start + 20] ^= 1
        let stored = log.bytes.load(littleEndian: UInt32.self, at: at - log.start + 20)
        let corrupt = WALReadResult.corrupt(at: at, storedCRC: stored ^ 1, computedCRC: stored)

        var last = log.reader()
        last.feed(damaged)
        #expect(last.readAll().end == corrupt)
        last.feed(log.bytes)
        #expect(last.next() == corrupt)
        last.passCorruptRecord()
        #expect(last.next() == .needsMoreBytes)

        log.append(.commit(PostgresTime(microseconds: 3)), xid: 5)
        var middle = log.reader()
        middle.feed(damaged + log.bytes[damaged.count...])
        #expect(middle.readAll().end == corrupt)
        middle.passCorruptRecord()
        #expect(middle.readAll().records == log.records.suffix(1))
    }

    @Test func `a position where no record can be is the end at once`() {
        for at: UInt64 in [4, 0x1000008, 0x1000020, 0x1002010, .max, .max - 7, .max - 8191] {
            var reader = WALReader(
                at: LSN(at), previous: nil, segmentSize: .oneMebibyte, systemIdentifier: nil)
            reader.feed([0])
            #expect(reader.next() == .endOfLog(at: LSN(at), .invalidPosition))
        }
    }

    @Test func `an abandoned record gives way to the one that replaces it`() {
        var log = TestLog(at: LSN(0x1001F00), previous: LSN(0x1001000))
        log.append(.noop)
        var torn = log
        torn.append(message(filling: 0x400))
        var replacing = TestLog(at: LSN(0x1002000), previous: log.inserter.previous)
        replacing.append(WALRecord(resourceManager: 0, info: 0xD0, mainData: [1]))
        var bytes = Array(torn.bytes[..<0x100]) + replacing.bytes
        bytes[0x102] |= 8
        var reader = log.reader()
        let read = reader.readAll(of: bytes) { 7 }
        #expect(read.records == log.records + replacing.records)
    }
}

/// Seven records, one of them across a page's end, with padding behind most.
func smallLog() -> TestLog {
    var log = TestLog(at: LSN(0x1001F00), previous: LSN(0x1001000))
    log.append(.noop)
    log.append(.generic([BlockReference(block: 1, data: [40, 0, 3, 0, 1, 2, 3])]), xid: 700)
    log.append(.commit(PostgresTime(microseconds: 1)), xid: 700)
    log.append(message(filling: 0xA0))
    log.append(.abort(PostgresTime(microseconds: 2)), xid: 701)
    log.append(
        .generic([
            BlockReference(block: 2, image: PageImage(page: page(lower: 40, upper: 8090, fill: 9)))
        ]), xid: 702)
    log.append(.commit(PostgresTime(microseconds: 3)), xid: 702)
    return log
}
