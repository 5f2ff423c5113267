import LabClock
import TestSupport

@testable import WALFormat

/// A record and where it stands.
struct PlacedRecord: Hashable {
    var record: WALRecord
    var start: LSN
    var end: LSN
}

/// A stretch of log made by a `WALInserter`, with what a reader must find in it.
struct TestLog {
    static let systemIdentifier: UInt64 = 7_711_137_902_952_545_720

    let start: LSN
    let firstPrevious: LSN
    private(set) var bytes: [UInt8] = []
    private(set) var records: [PlacedRecord] = []
    var inserter: WALInserter

    init(at start: LSN, previous: LSN = .invalid, timeline: Timeline = .first) {
        self.start = start
        firstPrevious = previous
        inserter = WALInserter(
            systemIdentifier: Self.systemIdentifier, timeline: timeline,
            segmentSize: .oneMebibyte, at: start, previous: previous)
    }

    mutating func append(_ body: RecordBody, xid: UInt32 = 0) {
        append(WALRecord(xid: TransactionID(xid), body: body))
    }

    mutating func append(_ record: WALRecord) {
        var record = record
        record.previous = inserter.previous
        let placed =
            record.isSegmentSwitch ? inserter.switchSegment() : inserter.insert(record)
        bytes += inserter.takePending()?.bytes ?? []
        if placed.start < placed.end {
            records.append(PlacedRecord(record: record, start: placed.start, end: placed.end))
        }
    }

    var end: LSN { inserter.insertLSN }

    func reader() -> WALReader {
        WALReader(
            at: start, previous: firstPrevious, segmentSize: .oneMebibyte,
            systemIdentifier: Self.systemIdentifier)
    }
}

extension WALReader {
    /// Everything up to the first result that is no record, and that result.
    mutating func readAll() -> (records: [PlacedRecord], end: WALReadResult) {
        var records: [PlacedRecord] = []
        while true {
            switch next() {
            case .record(let record, let start, let end):
                records.append(PlacedRecord(record: record, start: start, end: end))
            case let other:
                return (records, other)
            }
        }
    }

    /// As `readAll`, fed in pieces whose sizes `pieceSize` gives.
    mutating func readAll(
        of bytes: [UInt8], pieceSize: () -> Int
    ) -> (records: [PlacedRecord], end: WALReadResult) {
        var records: [PlacedRecord] = []
        var result = WALReadResult.needsMoreBytes
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieceSize())
            rest = rest.dropFirst(piece.count)
            feed(Array(piece))
            let read = readAll()
            records += read.records
            result = read.end
        }
        return (records, result)
    }
}

/// A record of a random kind, with up to `limit` bytes of content.
func randomRecord(_ random: inout SeededDraws, limit: Int) -> WALRecord {
    let xid = TransactionID(UInt32.random(in: 3...9000, using: &random))
    let content = random.bytes(Int.random(in: 0...limit, using: &random))
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
        return WALRecord(
            xid: xid, body: .commit(PostgresTime(microseconds: Int64(content.count))))
    case 1: return WALRecord(xid: xid, body: .abort(PostgresTime(microseconds: -1)))
    case 2:
        return WALRecord(
            body: .checkpoint(
                CheckPoint(redo: LSN(77), timeline: .first, nextXID: 800, time: 1), shutdown: false)
        )
    case 3: return WALRecord(body: .noop)
    case 4:
        let blocks = (0..<Int.random(in: 1...3, using: &random)).map {
            BlockReference(block: UInt32($0), data: Array(content.prefix(60000)))
        }
        return WALRecord(xid: xid, body: .generic(blocks))
    case 5:
        let image = PageImage(page: page(lower: 32, upper: 8000, fill: 0xAB))
        return WALRecord(xid: xid, body: .generic([BlockReference(block: 7, image: image)]))
    default:
        return WALRecord(
            xid: xid, body: .logicalMessage(transactional: true, prefix: "lab", content: content))
    }
}

/// A page of `fill` with zeros between `lower` and `upper`.
func page(lower: Int, upper: Int, fill: UInt8) -> [UInt8] {
    var page = [UInt8](repeating: fill, count: 8192)
    if lower < upper, upper <= 8192 {
        page.replaceSubrange(lower..<upper, with: repeatElement(0, count: upper - lower))
    }
    page.store(littleEndian: UInt16(lower), at: 12)
    page.store(littleEndian: UInt16(upper), at: 14)
    return page
}
