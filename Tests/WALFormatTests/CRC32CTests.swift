import LabClock
import TestSupport
import Testing

@testable import WALFormat

@Suite struct CRC32CTests {
    @Test func `the check value is the standard's`() {
        #expect(CRC32C.checksum(of: Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum(of: []) == 0)
        #expect(CRC32C.checksum(of: Array(repeating: 0, count: 32)) == 0x8A91_36AA)
    }

    /// The definition, bit by bit.
    private func naive(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in
                crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1
            }
        }
    }

    @Test func `the tables agree with the definition at every length and cut`() {
        var random = SeededDraws(seed: 1)
        let bytes = random.bytes(70)
        for length in 0...bytes.count {
            let prefix = Array(bytes[..<length])
            #expect(CRC32C.checksum(of: prefix) == naive(prefix))
            var inTwo = CRC32C()
            bytes[..<length].withUnsafeBytes { inTwo.update($0) }
            bytes[length...].withUnsafeBytes { inTwo.update($0) }
            #expect(inTwo.checksum == naive(bytes))
        }
    }
}
