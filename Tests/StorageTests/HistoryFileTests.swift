import Testing
import WALFormat

@testable import Storage

/// History files, and what becomes of one that is not as it was written.
struct HistoryFileTests {
    private let timeline = Timeline(4)
    private let history = TimelineHistory()
        .appending(timeline: .first, switchpoint: LSN(0x1011B8), reason: "a reason")
        .appending(timeline: Timeline(3), switchpoint: LSN(0x3011B8), reason: "another")

    @Test func `a history is read back, and PostgreSQL's parser sees no more than it`() throws {
        let bytes = HistoryFile.bytes(history, of: timeline)
        #expect(HistoryFile.history(of: timeline, in: bytes) == history)
        #expect(try TimelineHistory(parsing: String(decoding: bytes, as: UTF8.self)) == history)
    }

    @Test func `whatever bit is flipped and wherever it is cut, it is none`() {
        let bytes = HistoryFile.bytes(history, of: timeline)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(HistoryFile.history(of: timeline, in: flipped) == nil, "bit \(bit)")
        }
        for count in bytes.indices {
            let cut = Array(bytes[..<count])
            #expect(HistoryFile.history(of: timeline, in: cut) == nil, "\(count) bytes")
        }
    }

    @Test func `a history under another timeline's name is none`() {
        let bytes = HistoryFile.bytes(history, of: timeline)
        #expect(HistoryFile.history(of: Timeline(5), in: bytes) == nil)
        #expect(HistoryFile.history(of: Timeline(3), in: bytes) == nil)
        let empty = HistoryFile.bytes(TimelineHistory(), of: timeline)
        #expect(HistoryFile.history(of: timeline, in: empty) == nil)
    }
}
