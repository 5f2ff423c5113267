import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode

@Suite struct RecentWALTests {
    private static func stretch(_ start: Int, _ count: Int) -> [UInt8] {
        (start..<start + count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    }

    @Test func `any part of what it holds comes out as it went in`() {
        var recent = RecentWAL()
        for start in [0, 5, 6, 16] {
            let end = [0: 5, 5: 6, 6: 16, 16: 20][start] ?? start
            recent.append(at: LSN(UInt64(start)), Self.stretch(start, end - start))
        }
        for from in 0..<20 {
            for upTo in from + 1...20 {
                let bytes = recent.bytes(from: LSN(UInt64(from)), upTo: LSN(UInt64(upTo)))
                #expect(bytes == Self.stretch(from, upTo - from))
            }
        }
    }

    @Test func `what it does not hold in full it does not answer`() {
        var recent = RecentWAL()
        #expect(recent.bytes(from: LSN(0), upTo: LSN(1)) == nil)
        recent.append(at: LSN(8), [1, 2, 3])
        #expect(recent.bytes(from: LSN(7), upTo: LSN(9)) == nil)
        #expect(recent.bytes(from: LSN(9), upTo: LSN(12)) == nil)
        #expect(recent.bytes(from: LSN(9), upTo: LSN(9)) == nil)
        recent.clear()
        #expect(recent.bytes(from: LSN(8), upTo: LSN(9)) == nil)
    }

    @Test func `behind a gap it begins anew`() {
        var recent = RecentWAL()
        recent.append(at: LSN(8), [1, 2])
        recent.append(at: LSN(11), [4])
        #expect(recent.bytes(from: LSN(8), upTo: LSN(9)) == nil)
        #expect(recent.bytes(from: LSN(11), upTo: LSN(12)) == [4])
    }

    @Test func `the oldest goes when there is too much`() {
        var recent = RecentWAL()
        let half = [UInt8](repeating: 1, count: RecentWAL.byteCount / 2)
        for piece in 0..<3 { recent.append(at: LSN(UInt64(piece * half.count)), half) }
        #expect(recent.bytes(from: LSN(0), upTo: LSN(1)) == nil)
        let start = LSN(UInt64(half.count))
        #expect(recent.bytes(from: start, upTo: start.advanced(by: 2 * half.count)) == half + half)
    }
}
