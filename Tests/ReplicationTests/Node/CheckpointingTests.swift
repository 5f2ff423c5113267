import Replication
import Testing

struct CheckpointingTests {
    private var machine = Checkpointing<Int>()

    @Test mutating func `a checkpoint is written, then WAL that nobody needs goes`() {
        #expect(machine.requested(by: 1, diskIsFull: false) == [.write])
        #expect(machine.written(.done, pageCount: 3, diskIsFull: false) == [.removeOldWAL])
        #expect(
            machine.removed(2, diskIsFull: false)
                == [.answer(1, .taken(pageCount: 3, removedSegmentCount: 2))])
        #expect(machine.phase == .idle)
    }

    @Test mutating func `who asks meanwhile waits for the next, and shares it`() {
        _ = machine.requested(by: 1, diskIsFull: false)
        #expect(machine.requested(by: 2, diskIsFull: false) == [])
        #expect(machine.requested(by: 3, diskIsFull: false) == [])
        _ = machine.written(.done, pageCount: 1, diskIsFull: false)
        #expect(
            machine.removed(0, diskIsFull: false)
                == [.answer(1, .taken(pageCount: 1, removedSegmentCount: 0)), .write])
        _ = machine.written(.done, pageCount: 0, diskIsFull: false)
        #expect(
            machine.removed(0, diskIsFull: false) == [
                .answer(2, .taken(pageCount: 0, removedSegmentCount: 0)),
                .answer(3, .taken(pageCount: 0, removedSegmentCount: 0)),
            ])
    }

    @Test mutating func `one that is due begins unless one is under way, or the disk is full`() {
        #expect(machine.isDue(diskIsFull: true) == [])
        #expect(machine.isDue(diskIsFull: false) == [.write])
        #expect(machine.isDue(diskIsFull: false) == [])
        _ = machine.written(.done, pageCount: 0, diskIsFull: false)
        #expect(machine.removed(1, diskIsFull: false) == [])
        #expect(machine.phase == .idle)
    }

    @Test mutating func `on a full disk there is none, and WAL is let go of`() {
        #expect(machine.requested(by: 1, diskIsFull: true) == [.removeOldWAL])
        #expect(
            machine.removed(0, diskIsFull: true)
                == [.answer(1, .foundDiskFull(removedSegmentCount: 0))])
    }

    @Test mutating func `one that finds the disk full makes room, or says what the disk said`() {
        for count in [0, 4] {
            _ = machine.requested(by: 1, diskIsFull: false)
            #expect(
                machine.written(.full("no room"), pageCount: 9, diskIsFull: false)
                    == [.removeOldWAL])
            #expect(
                machine.removed(count, diskIsFull: false) == [
                    .answer(
                        1,
                        count == 0
                            ? .failed(.full("no room"))
                            : .foundDiskFull(removedSegmentCount: count))
                ])
        }
    }

    @Test mutating func `one whose disk fails ends at once`() {
        _ = machine.requested(by: 1, diskIsFull: false)
        #expect(
            machine.written(.failed("EIO"), pageCount: 1, diskIsFull: false)
                == [.answer(1, .failed(.failed("EIO")))])
        #expect(machine.phase == .idle)
    }

    @Test mutating func `a standby without a checkpoint to point at needs none`() {
        _ = machine.requested(by: 1, diskIsFull: false)
        #expect(machine.notNeeded(diskIsFull: false) == [.answer(1, .notNeeded)])
    }

    @Test mutating func `an answer that nobody waits for changes nothing`() {
        #expect(machine.written(.done, pageCount: 1, diskIsFull: false) == [])
        #expect(machine.removed(1, diskIsFull: false) == [])
        #expect(machine.notNeeded(diskIsFull: false) == [])
        #expect(machine.phase == .idle)
    }
}
