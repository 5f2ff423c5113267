import Testing
import WALFormat

@testable import Replication

/// The node's own log on its way to disk, as dialogues with every answer of the disk.
struct LogFlushingTests {
    typealias Machine = LogFlushing<String>

    private func fresh() -> Machine { Machine(flushLSN: LSN(0x1000), newestSegment: 1) }
    private let first = Machine.Stretch(start: LSN(0x1000), bytes: [1, 2])
    private let second = Machine.Stretch(start: LSN(0x1002), bytes: [3])
    private var both: Machine.Stretch { .init(start: first.start, bytes: [1, 2, 3]) }

    @Test func `what commits while an append is under way shares the next`() {
        var machine = fresh()
        #expect(machine.commitInserted("a", endingAt: LSN(0x1002)) == false)
        #expect(machine.flush(first) == [.append(first)])
        #expect(machine.commitInserted("b", endingAt: LSN(0x1003)) == false)
        #expect(machine.flush(second) == [])
        #expect(
            machine.appended(.done, upTo: LSN(0x1002))
                == [.madeDurable(first, upTo: LSN(0x1002)), .release("a"), .flushMore])
        #expect(machine.flush(second) == [.append(second)])
        #expect(
            machine.appended(.done, upTo: LSN(0x1003))
                == [.madeDurable(second, upTo: LSN(0x1003)), .release("b"), .flushMore])
        #expect(machine.flush(nil) == [])
        #expect(machine.commitInserted("c", endingAt: LSN(0x1003)) == true)
    }

    @Test func `a job waits behind the append, and whoever listens hears of it`() {
        var machine = fresh()
        #expect(machine.flush(for: 1, first) == [.append(first)])
        #expect(machine.submitBehind(7, second) == [])
        #expect(
            machine.appended(.done, upTo: LSN(0x1002))
                == [
                    .madeDurable(first, upTo: LSN(0x1002)), .ended(1, .done), .flushMore,
                    .submit(job: 7),
                ])
        #expect(machine.submitBehind(8, second) == [.append(second), .submit(job: 8)])
    }

    @Test func `who listens when all is durable is answered at once`() {
        var machine = fresh()
        #expect(machine.flush(for: 1, nil) == [.ended(1, .done)])
    }

    @Test func `WAL that finds no room is held, and appended when there is room`() {
        var machine = fresh()
        _ = machine.commitInserted("a", endingAt: LSN(0x1002))
        _ = machine.flush(for: 1, first)
        _ = machine.submitBehind(7, nil)
        let full = DiskAnswer.full("no space")
        #expect(
            machine.appended(full, upTo: LSN(0x1000))
                == [
                    .report(.full), .abandon("a", full), .refuse(job: 7, full), .ended(1, full),
                ])
        #expect(machine.health == .full)
        #expect(machine.append == .heldBack(first))
        // Nothing is taken while there is no room, and no job overtakes what is held.
        #expect(machine.flush(second) == [])
        #expect(
            machine.submitBehind(8, second) == [.refuse(job: 8, .full("no room for the log"))])
        #expect(machine.flush(for: 2, second) == [.ended(2, .full("no room for the log"))])
        let size = SegmentSize.oneMebibyte
        #expect(machine.tryForRoom(behind: LSN(0x1003), size) == [.prepare(segment: 1)])
        #expect(machine.tryForRoom(behind: LSN(0x1003), size) == [])
        #expect(machine.prepared(1, full) == [])
        #expect(machine.tryForRoom(behind: LSN(0x1003), size) == [.prepare(segment: 1)])
        #expect(machine.prepared(1, .done) == [.report(.hasRoom), .flushMore])
        #expect(machine.flush(second) == [.append(both)])
        #expect(
            machine.appended(.done, upTo: LSN(0x1003))
                == [.madeDurable(both, upTo: LSN(0x1003)), .flushMore])
        #expect(machine.flushLSN == LSN(0x1003))
    }

    @Test func `a disk that fails under an append is asked for nothing more`() {
        var machine = fresh()
        _ = machine.commitInserted("a", endingAt: LSN(0x1002))
        _ = machine.flush(for: 1, first)
        _ = machine.submitBehind(7, nil)
        let failed = DiskAnswer.failed("EIO")
        #expect(
            machine.appended(failed, upTo: LSN(0x1000))
                == [
                    .report(.failed), .abandon("a", failed), .refuse(job: 7, failed),
                    .ended(1, failed), .interruptLife,
                ])
        #expect(machine.flush(second) == [])
        #expect(machine.flush(for: 2, second) == [.ended(2, failed)])
        #expect(machine.makeRoom(behind: LSN(0xFFFF0), .oneMebibyte) == [])
        #expect(machine.tryForRoom(behind: LSN(0xFFFF0), .oneMebibyte) == [])
        #expect(machine.failed("again") == [])
        #expect(machine.flushLSN == LSN(0x1000))
    }

    @Test
    func `a disk that fails elsewhere cuts off who waits, also for an answer to come`() {
        var machine = fresh()
        _ = machine.commitInserted("a", endingAt: LSN(0x1002))
        _ = machine.flush(first)
        #expect(
            machine.failed("EIO")
                == [.report(.failed), .abandon("a", .failed("EIO")), .interruptLife])
        #expect(machine.appended(.done, upTo: LSN(0x1002)) == [])
        #expect(machine.flushLSN == LSN(0x1000))
    }

    @Test func `the next segment is made when little is left, once`() {
        var machine = fresh()
        let size = SegmentSize.oneMebibyte
        let near = LSN(0x200000 - 100)
        #expect(machine.makeRoom(behind: LSN(0x100028), size) == [])
        #expect(machine.makeRoom(behind: near, size) == [.prepare(segment: 2)])
        #expect(machine.makeRoom(behind: near, size) == [])
        machine.recycled(upTo: 5)
        #expect(machine.prepared(2, .done) == [])
        #expect(machine.newestSegment == 5)
        #expect(machine.makeRoom(behind: near, size) == [])
    }

    @Test(arguments: [DiskAnswer.full("no space"), .failed("EIO")])
    func `a segment that cannot be made is told`(_ answer: DiskAnswer) {
        var machine = fresh()
        _ = machine.makeRoom(behind: LSN(0x200000 - 100), .oneMebibyte)
        let told: [Machine.Action] =
            answer == .failed("EIO") ? [.report(.failed), .interruptLife] : [.report(.full)]
        #expect(machine.prepared(2, answer) == told)
        #expect(machine.newestSegment == 1)
    }

    @Test func `a new timeline has none of the old one's segments, nor its waiters`() {
        var machine = fresh()
        _ = machine.makeRoom(behind: LSN(0x200000 - 100), .oneMebibyte)
        machine.beginTimeline(at: LSN(0x1FFFA0))
        #expect(machine.prepared(2, .done) == [])
        #expect(machine.newestSegment == 0)
        #expect(machine.flushLSN == LSN(0x1FFFA0))
        #expect(machine.makeRoom(behind: LSN(0x1FFFA0), .oneMebibyte) == [.prepare(segment: 2)])
    }

    @Test func `a standby that has made WAL durable has room again`() {
        var machine = fresh()
        #expect(machine.foundFull() == [.report(.full)])
        #expect(machine.received(upTo: LSN(0x2000)) == [])
        #expect(machine.health == .works)
        #expect(machine.flushLSN == LSN(0x2000))
    }
}

extension LogFlushing {
    fileprivate mutating func flush(_ inserted: Stretch?) -> [Action] { flush { inserted } }

    fileprivate mutating func flush(for listener: Int, _ inserted: Stretch?) -> [Action] {
        flush(for: listener) { inserted }
    }

    fileprivate mutating func submitBehind(_ job: Int, _ inserted: Stretch?) -> [Action] {
        submitBehind(job) { inserted }
    }
}
