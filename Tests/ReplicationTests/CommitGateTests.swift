import Replication
import Testing
import WALFormat

struct CommitGateTests {
    @Test func `a commit whose record is durable is answered at once`() {
        var gate = CommitGate<String>(flushLSN: LSN(100))
        #expect(gate.commitInserted("a", endingAt: LSN(100)) == true)
        #expect(gate.waitingCount == 0)
    }

    @Test func `a commit is held until the last byte of its record is durable`() {
        var gate = CommitGate<String>(flushLSN: LSN(100))
        #expect(gate.commitInserted("a", endingAt: LSN(150)) == false)
        #expect(gate.walFlushed(upTo: LSN(149)) == [])
        #expect(gate.walFlushed(upTo: LSN(150)) == ["a"])
        #expect(gate.walFlushed(upTo: LSN(150)) == [])
    }

    @Test func `one flush lets several commits go, in the order of the log`() {
        var gate = CommitGate<String>(flushLSN: LSN(0))
        for (name, end) in [("a", 10), ("b", 20), ("c", 20), ("d", 30)] as [(String, UInt64)] {
            #expect(gate.commitInserted(name, endingAt: LSN(end)) == false)
        }
        #expect(gate.walFlushed(upTo: LSN(25)) == ["a", "b", "c"])
        #expect(gate.waitingCount == 1)
    }

    @Test func `what was flushed stays flushed`() {
        var gate = CommitGate<String>(flushLSN: LSN(100))
        #expect(gate.walFlushed(upTo: LSN(50)) == [])
        #expect(gate.flushLSN == LSN(100))
        #expect(gate.commitInserted("a", endingAt: LSN(80)) == true)
    }

    @Test func `a failing node gives up all who wait, once`() {
        var gate = CommitGate<String>(flushLSN: LSN(0))
        _ = gate.commitInserted("a", endingAt: LSN(10))
        _ = gate.commitInserted("b", endingAt: LSN(20))
        #expect(gate.abandonAll() == ["a", "b"])
        #expect(gate.abandonAll() == [])
        #expect(gate.walFlushed(upTo: LSN(20)) == [])
    }
}
