import LabClock
import TestSupport
import Testing
import WALFormat

struct PGLZTests {
    /// Bytes as they lie on pages: runs, words that come again, noise, and all of them mixed.
    private static let samples: [[UInt8]] = {
        var draws = SeededDraws(seed: 5)
        let words = (0..<20).map { _ in draws.bytes(1 + draws.number(below: 30)) }
        var samples: [[UInt8]] = [
            [UInt8](repeating: 0, count: 8192), [UInt8](repeating: 7, count: 33),
            Array((0..<8192).map { UInt8($0 % 251) }),
        ]
        for _ in 0..<60 {
            var bytes: [UInt8] = []
            let noise = draws.number(below: 6)
            while bytes.count < 200 + draws.number(below: 8000) {
                bytes += draws.number(below: 6) < noise ? draws.bytes(9) : draws.pick(words)
            }
            samples.append(bytes)
        }
        return samples
    }()

    @Test(arguments: samples.indices) func `what is compressed comes back`(_ index: Int) {
        let plain = Self.samples[index]
        guard let compressed = PGLZ.compressed(plain) else { return }
        #expect(compressed.count < plain.count * 3 / 4)
        #expect(PGLZ.decompressed(compressed, byteCount: plain.count) == plain)
    }

    @Test func `most of the samples are compressed`() {
        #expect(Self.samples.count { PGLZ.compressed($0) != nil } > 20)
    }

    @Test func `a run is one match after another`() {
        // A byte as it is, and matches of 273 bytes: eight items to a control byte.
        let compressed = PGLZ.compressed([UInt8](repeating: 9, count: 1 + 2 * 273))
        #expect(compressed == [0b110, 9, 0x0F, 1, 255, 0x0F, 1, 255])
    }

    @Test func `an offset has twelve bits, four in the first byte`() {
        // 0x123 bytes, of which the first three come again.
        let control: [UInt8] = [0]
        var compressed: [UInt8] = []
        var plain: [UInt8] = []
        for start in stride(from: 0, to: 0x120, by: 8) {
            let bytes = (start..<start + 8).map { UInt8($0 & 0xFF) ^ UInt8($0 >> 8) }
            compressed += control + bytes
            plain += bytes
        }
        compressed += [0b1000, 1, 2, 3, 0x10, 0x23]
        plain += [1, 2, 3] + plain[0..<3]
        #expect(PGLZ.decompressed(compressed, byteCount: plain.count) == plain)
    }

    @Test(arguments: [0, 1, 31]) func `few bytes are left as they are`(count: Int) {
        #expect(PGLZ.compressed([UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func `noise is left as it is`() {
        var draws = SeededDraws(seed: 2)
        #expect(PGLZ.compressed(draws.bytes(8192)) == nil)
        // What would be found behind the first kilobyte is not looked for.
        #expect(PGLZ.compressed(draws.bytes(2000) + [UInt8](repeating: 0, count: 6000)) == nil)
    }

    @Test(arguments: samples.indices) func `what is cut off or too long is refused`(_ index: Int) {
        let plain = Self.samples[index]
        guard let compressed = PGLZ.compressed(plain) else { return }
        for count in 0..<compressed.count {
            let cut = Array(compressed.prefix(count))
            #expect(PGLZ.decompressed(cut, byteCount: plain.count) == nil)
        }
        #expect(PGLZ.decompressed(compressed + [0], byteCount: plain.count) == nil)
        #expect(PGLZ.decompressed(compressed, byteCount: plain.count + 1) == nil)
        #expect(PGLZ.decompressed(compressed, byteCount: 0) == nil)
    }

    @Test(arguments: [
        [0b1], [0b1, 0], [0b1, 0, 0], [0b1, 0, 1], [0b10, 7, 0, 2], [0b10, 7, 15, 1],
    ])
    func `a match that repeats what is not there is refused`(bytes: [UInt8]) {
        #expect(PGLZ.decompressed(bytes, byteCount: 100) == nil)
    }

    @Test func `whatever the bytes are, reading them ends`() {
        var draws = SeededDraws(seed: 3)
        var read = 0
        for _ in 0..<20_000 {
            var bytes = draws.bytes(draws.number(below: 40))
            if !bytes.isEmpty, draws.isOne(in: 2) { bytes[0] = 0 }
            let count = draws.number(below: 60)
            let plain = PGLZ.decompressed(bytes, byteCount: count)
            if let plain {
                read += 1
                #expect(plain.count == count)
            }
        }
        #expect(read > 10)
    }
}
