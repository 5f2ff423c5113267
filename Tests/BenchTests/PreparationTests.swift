import Testing
import WALFormat

@testable import Bench

struct PreparationTests {
    @Test func `the chapter's two files are cut out of its prose`() {
        let code = ChapterCode(
            """
            Build the primary side first.

            # replication/primary.py
            import socket

            class WALPrimary:
                def append(self):
                    return 1

            The append path takes the lock.

            Now the replica:

            # replication/replica.py
            from replication.primary import WALRecord

            class WALReplica:
                pass
            Together the two files are seventy lines.
            """)
        #expect(code?.files.map(\.name) == ["primary.py", "replica.py"])
        #expect(
            code?.files.last?.text == """
                from replication.primary import WALRecord

                class WALReplica:
                    pass

                """)
        #expect(code?.files.first?.text.contains("The append path") == false)
    }

    @Test func `a text without them is not the chapter`() {
        #expect(ChapterCode("# replication/primary.py\nimport socket\n") == nil)
    }

    @Test func `a stretch is made of whole segments`() {
        let size = SegmentSize.oneMebibyte
        let stretch = WALStretch(
            from: LSN(0x10_0100), upTo: LSN(0x40_0001), segmentSize: size)
        #expect(stretch?.start == LSN(0x20_0000))
        #expect(stretch?.end == LSN(0x40_0000))
        #expect(
            stretch?.fileNames == ["000000010000000000000002", "000000010000000000000003"])
        #expect(stretch?.precedingFileName == "000000010000000000000001")
        #expect(
            WALStretch(from: LSN(0x10_0100), upTo: LSN(0x2F_FFFF), segmentSize: size) == nil)
    }

    @Test func `a statement differs from the last by its key only`() {
        var statement = InsertStatement(client: 3)
        let first = statement.next()
        let second = statement.next()
        #expect(String(decoding: first, as: UTF8.self).contains("('k000030000001', 'xxx"))
        #expect(String(decoding: second, as: UTF8.self).contains("('k000030000002', 'xxx"))
        #expect(first.count == second.count)
        #expect(zip(first, second).count { $0 != $1 } == 1)
    }

    @Test func `pgbench's figure without connecting is taken`() {
        let lines = [
            "latency average = 0.982 ms", "initial connection time = 3.115 ms",
            "tps = 1018.668254 (without initial connection time)",
        ]
        #expect(Pgbench.transactionsPerSecond(lines) == 1018.668254)
        #expect(Pgbench.transactionsPerSecond(["tps = x"]) == nil)
    }
}
