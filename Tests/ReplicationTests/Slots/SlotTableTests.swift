import Testing
import WALFormat
import WireProtocol

@testable import Replication

/// What connections ask of the slots, and what PostgreSQL 15.20 answered.
struct SlotTableTests {
    private let redo = LSN(0x61_1AA8)

    private func create(
        _ name: String, temporary: Bool = false, reserve: Bool = true
    ) -> SlotRequest {
        .create(name: name, isTemporary: temporary, reservesWAL: reserve)
    }

    private func done(
        _ processID: Int32, files: [SlotEffects.FileChange] = []
    ) -> SlotEffects {
        effects(files, (processID, .done))
    }

    private func refused(
        _ processID: Int32, _ code: SQLState, _ message: String, hint: String? = nil
    ) -> SlotEffects {
        effects(
            [], (processID, .refused(ServerError(code: code, message: message, hint: hint))))
    }

    private func effects(
        _ files: [SlotEffects.FileChange], _ answers: (Int32, SlotAnswer)...
    ) -> SlotEffects {
        var effects = SlotEffects()
        effects.files = files
        effects.answers = answers.map { .init(processID: $0, answer: $1) }
        return effects
    }

    /// A table in which connection 1 has made slots.
    private func table(_ requests: SlotRequest..., maximumCount: Int = 10) -> SlotTable {
        var table = SlotTable(maximumCount: maximumCount)
        for request in requests { _ = table.perform(request, by: 1, redo: redo) }
        return table
    }

    // MARK: Create, read, drop

    @Test func `a slot is stored before its client hears of it, and keeps WAL from the redo point`()
    {
        var slots = SlotTable()
        let slot = ReplicationSlot(name: "s1", restartLSN: redo)
        #expect(slots.perform(create("s1"), by: 1, redo: redo) == done(1, files: [.store(slot)]))
        #expect(slots.slots == [slot])
        #expect(slots.minimumRestartLSN == redo)
        #expect(
            slots.perform(.read(name: "s1"), by: 2, redo: redo) == effects([], (2, .slot(slot))))
    }

    @Test func `without RESERVE_WAL it keeps nothing yet`() {
        let slots = table(create("s1", reserve: false))
        #expect(slots["s1"]?.restartLSN == nil)
        #expect(slots["s1"]?.isInvalidated == false)
        #expect(slots.minimumRestartLSN == nil)
    }

    @Test func `the same name twice is 42710`() {
        var slots = table(create("s1"))
        #expect(
            slots.perform(create("s1"), by: 1, redo: redo)
                == refused(1, .duplicateObject, "replication slot \"s1\" already exists"))
    }

    @Test(arguments: ["", "Ab", "a-b", "a b", "ä", String(repeating: "x", count: 64)])
    func `a name that no slot may have is 42602`(_ name: String) {
        var slots = SlotTable()
        let answers = slots.perform(create(name), by: 1, redo: redo).answers
        guard case .refused(let error)? = answers.first?.answer else {
            Issue.record("\(name) was taken")
            return
        }
        #expect(error.code == .invalidName)
        #expect(slots.slots == [])
    }

    @Test func `one more than max_replication_slots is 53400, and temporary ones count`() {
        var slots = table(create("s1"), create("t1", temporary: true), maximumCount: 2)
        #expect(
            slots.perform(create("s2"), by: 1, redo: redo)
                == refused(
                    1, .configurationLimitExceeded, "all replication slots are in use",
                    hint: "Free one or increase max_replication_slots."))
        _ = slots.perform(.drop(name: "s1", waits: false), by: 1, redo: redo)
        #expect(slots.perform(create("s2"), by: 1, redo: redo).answers.first?.answer == .done)
    }

    @Test func `what does not exist reads as nothing, and cannot be used or dropped`() {
        var slots = SlotTable()
        let message = "replication slot \"nix\" does not exist"
        #expect(
            slots.perform(.read(name: "nix"), by: 1, redo: redo)
                == effects([], (1, .slot(nil))))
        for request in [SlotRequest.acquire(name: "nix"), .drop(name: "nix", waits: true)] {
            #expect(
                slots.perform(request, by: 1, redo: redo) == refused(1, .undefinedObject, message))
        }
    }

    @Test func `a dropped slot's directory goes before its client hears of it`() {
        var slots = table(create("s1"))
        #expect(
            slots.perform(.drop(name: "s1", waits: false), by: 2, redo: redo)
                == done(2, files: [.remove(name: "s1")]))
        #expect(slots.slots == [])
    }

    // MARK: Use

    @Test func `a slot in use is 55006 to everyone but its user`() {
        var slots = table(create("s1"))
        let refusal = refused(2, .objectInUse, "replication slot \"s1\" is active for PID 22413")
        #expect(slots.perform(.acquire(name: "s1"), by: 22413, redo: redo) == done(22413))
        #expect(slots.perform(.acquire(name: "s1"), by: 22413, redo: redo) == done(22413))
        #expect(slots.perform(.acquire(name: "s1"), by: 2, redo: redo) == refusal)
        #expect(slots.perform(.drop(name: "s1", waits: false), by: 2, redo: redo) == refusal)
        #expect(slots.release(by: 22413) == SlotEffects())
        #expect(slots.perform(.acquire(name: "s1"), by: 2, redo: redo) == done(2))
        #expect(slots["s1"]?.owner == 2)
    }

    @Test func `it follows what its user confirms, also back, and nobody else`() {
        var slots = table(create("s1"))
        _ = slots.confirm("s1", flushed: LSN(0x70_0000), by: 2)
        #expect(slots["s1"]?.restartLSN == redo)
        _ = slots.perform(.acquire(name: "s1"), by: 2, redo: redo)
        _ = slots.confirm("s1", flushed: LSN(0x70_0000), by: 2)
        #expect(slots["s1"]?.restartLSN == LSN(0x70_0000))
        _ = slots.confirm("s1", flushed: LSN(0x68_0000), by: 2)
        #expect(slots.minimumRestartLSN == LSN(0x68_0000))
    }

    @Test func `what makes it keep more than before is stored at once`() {
        var slots = table(create("s1", reserve: false))
        _ = slots.perform(.acquire(name: "s1"), by: 2, redo: redo)
        func stored(_ position: UInt64) -> [LSN?] {
            slots.confirm("s1", flushed: LSN(position), by: 2).files.map { change in
                if case .store(let slot) = change { slot.restartLSN } else { nil }
            }
        }
        #expect(stored(0x200) == [LSN(0x200)])
        #expect(stored(0x200) == [])
        #expect(stored(0x300) == [])
        #expect(stored(0x100) == [LSN(0x100)])
        #expect(slots.takeUnsaved() == [])
        #expect(stored(0x300) == [])
        _ = slots.invalidate(["s1"])
        _ = slots.perform(.acquire(name: "s1"), by: 2, redo: redo)
        #expect(stored(0x400) == [LSN(0x400)])
    }

    @Test func `confirmations are stored with the next checkpoint, once`() {
        var slots = table(create("s1"), create("s2"), create("t1", temporary: true))
        #expect(slots.takeUnsaved() == [])
        for name in ["s1", "t1"] {
            _ = slots.perform(.acquire(name: name), by: 1, redo: redo)
            _ = slots.confirm(name, flushed: LSN(0x70_0000), by: 1)
            _ = slots.confirm(name, flushed: LSN(0x70_0000), by: 1)
        }
        let files = slots.takeUnsaved()
        guard case .store(let slot)? = files.first, files.count == 1 else {
            Issue.record("\(files)")
            return
        }
        #expect(slot.name == "s1")
        #expect(slot.restartLSN == LSN(0x70_0000))
        #expect(slots.takeUnsaved() == [])
    }

    // MARK: Temporary slots

    @Test func `a temporary slot is never stored, and in use until its connection ends`() {
        var slots = SlotTable()
        #expect(slots.perform(create("t1", temporary: true), by: 7, redo: redo) == done(7))
        #expect(slots["t1"]?.owner == 7)
        #expect(slots.release(by: 7) == SlotEffects())
        #expect(
            slots.perform(.acquire(name: "t1"), by: 8, redo: redo)
                == refused(8, .objectInUse, "replication slot \"t1\" is active for PID 7"))
        #expect(slots.perform(.acquire(name: "t1"), by: 7, redo: redo) == done(7))
        #expect(slots.cleanUp(after: 7) == SlotEffects())
        #expect(slots["t1"] == nil)
    }

    @Test func `its own connection may drop it`() {
        var slots = SlotTable()
        _ = slots.perform(create("t1", temporary: true), by: 7, redo: redo)
        #expect(slots.perform(.drop(name: "t1", waits: false), by: 7, redo: redo) == done(7))
    }

    @Test func `cleaning up after one connection leaves the others' slots alone`() {
        var slots = table(create("s1"), create("t1", temporary: true))
        _ = slots.perform(create("t2", temporary: true), by: 2, redo: redo)
        _ = slots.perform(.acquire(name: "s1"), by: 2, redo: redo)
        _ = slots.cleanUp(after: 2)
        #expect(slots.slots.map(\.name) == ["s1", "t1"])
        #expect(slots["s1"]?.owner == nil)
        #expect(slots["t1"]?.owner == 1)
    }

    // MARK: Waits

    @Test func `DROP WAIT is answered when the slot is free, and the file goes first`() {
        var slots = table(create("s1"))
        _ = slots.perform(.acquire(name: "s1"), by: 2, redo: redo)
        #expect(
            slots.perform(.drop(name: "s1", waits: true), by: 3, redo: redo) == SlotEffects())
        #expect(slots.release(by: 2) == done(3, files: [.remove(name: "s1")]))
        #expect(slots["s1"] == nil)
    }

    @Test func `of several that wait the first drops it, and the others find it gone`() {
        var slots = table(create("s1"))
        _ = slots.perform(.acquire(name: "s1"), by: 2, redo: redo)
        for processID: Int32 in 3...5 {
            _ = slots.perform(.drop(name: "s1", waits: true), by: processID, redo: redo)
        }
        // One of them has gone away meanwhile.
        #expect(slots.cleanUp(after: 4) == SlotEffects())
        let gone = ServerError(
            code: .undefinedObject, message: "replication slot \"s1\" does not exist")
        #expect(
            slots.cleanUp(after: 2)
                == effects([.remove(name: "s1")], (3, .done), (5, .refused(gone))))
    }

    @Test func `who waits for a temporary slot gets nothing but the news`() {
        var slots = SlotTable()
        _ = slots.perform(create("t1", temporary: true), by: 7, redo: redo)
        _ = slots.perform(.drop(name: "t1", waits: true), by: 8, redo: redo)
        #expect(
            slots.cleanUp(after: 7)
                == refused(8, .undefinedObject, "replication slot \"t1\" does not exist"))
    }

    // MARK: Invalidation and restart

    @Test func `an invalidated slot keeps nothing, is nobody's, and says where it stood`() {
        var slots = table(create("s1"))
        _ = slots.perform(.acquire(name: "s1"), by: 2, redo: redo)
        _ = slots.perform(.drop(name: "s1", waits: true), by: 3, redo: redo)
        let lost = ReplicationSlot(name: "s1", invalidatedAt: redo)
        #expect(
            slots.invalidate(["s1", "nix"])
                == effects([.store(lost), .remove(name: "s1")], (3, .done)))
        var alone = table(create("s1"))
        #expect(alone.invalidate(["s1"]) == effects([.store(lost)]))
        #expect(alone["s1"] == lost)
        #expect(alone.invalidate(["s1"]) == SlotEffects())
        #expect(alone.minimumRestartLSN == nil)
    }

    @Test func `a consumer that finds its WAL all the same brings its slot back`() {
        var slots = table(create("s1"))
        _ = slots.invalidate(["s1"])
        #expect(slots.perform(.acquire(name: "s1"), by: 2, redo: redo) == done(2))
        _ = slots.confirm("s1", flushed: LSN(0x70_0000), by: 2)
        #expect(slots["s1"]?.restartLSN == LSN(0x70_0000))
        #expect(slots["s1"]?.isInvalidated == false)
        #expect(slots["s1"]?.invalidatedAt == redo)
    }

    @Test func `a restart keeps the slots, frees them, and forgets the temporary ones`() throws {
        var slots = table(create("s1"), create("s2", reserve: false))
        _ = slots.perform(create("t1", temporary: true), by: 1, redo: redo)
        _ = slots.perform(.acquire(name: "s1"), by: 2, redo: redo)
        let files = slots.slots.map { $0.encoded() }
        let found = try files.prefix(2).map { file in try ReplicationSlot(decoding: file) }
        let restarted = SlotTable(restoring: found + [slots["t1"]].compactMap(\.self))
        #expect(restarted.slots.map(\.name) == ["s1", "s2"])
        #expect(restarted["s1"]?.owner == nil)
        #expect(restarted["s1"]?.restartLSN == redo)
    }

    @Test func `more slots than are allowed survive a restart, but get no company`() {
        let found = (1...3).map { ReplicationSlot(name: "s\($0)") }
        var slots = SlotTable(restoring: found, maximumCount: 2)
        #expect(slots.slots.count == 3)
        let answer = slots.perform(create("s4"), by: 1, redo: redo).answers.first?.answer
        guard case .refused = answer else {
            Issue.record("\(String(describing: answer))")
            return
        }
    }
}
