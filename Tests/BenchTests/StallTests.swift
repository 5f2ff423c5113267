import CommandLanguage
import Testing

@testable import Bench

struct StallTests {
    private let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt
           0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000
           1: 0100007F:07E8 0100007F:CD22 01 00010000:00000000 01:00000014 00000000
           2: 0100007F:CD22 0100007F:07E8 01 00000000:00000010 00:00000000 00000000
           3: 0100007F:07E8 0100007F:CD23 01 00000000:00000400 00:00000000 00000000
        """

    @Test func `both ends of a connection are counted, and no other's`() {
        #expect(KernelQueue.byteCount(between: [0x07E8, 0xCD22], in: table) == 0x10010)
        #expect(KernelQueue.byteCount(between: [0x07E8, 0xCD23], in: table) == 0x400)
        #expect(KernelQueue.byteCount(between: [0x07E8, 0xCD24], in: table) == nil)
        #expect(KernelQueue.byteCount(between: [0x07E8, 0xCD22], in: "") == nil)
    }

    @Test func `what the system has is not the sender's any more`() {
        #expect(StalledReader.Sight(sent: 5_000, unsent: 9, inKernel: 4_000).held == 1_000)
        #expect(StalledReader.Sight(sent: 5_000, unsent: 9, inKernel: 5_060).held == 0)
    }

    @Test func `rows of two statements do not meet`() {
        var batch = RowBatch(table: "kv", valueByteCount: 2)
        let first = batch.next()
        #expect(first.hasPrefix("INSERT INTO kv(key, value) VALUES ('k1', 'xx'), ('k2', 'xx'), "))
        #expect(first.hasSuffix("('k1000', 'xx')"))
        #expect(batch.next().contains("VALUES ('k1001', 'xx'), "))
    }

    @Test func `a replica that costs more than a millisecond misses`() {
        var alone = Delays()
        var stalled = Delays()
        alone.append(.milliseconds(1))
        stalled.append(.microseconds(2_500))
        let sight = StalledReader.Sight(sent: 1 << 19, unsent: 0, inKernel: 0)
        let lines = StallFindings(
            standings: [], alone: alone, stalled: stalled, before: sight, after: sight,
            lasted: .seconds(3)
        ).reply.lines
        #expect(lines.contains { $0.contains("p99") && $0.hasSuffix("MISSED") })
        #expect(lines.contains { $0.contains("0.50") && $0.hasSuffix("met") })
    }
}
