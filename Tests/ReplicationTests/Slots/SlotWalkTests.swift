import LabClock
import Replication
import Testing
import WALFormat
import WireProtocol

/// Connections come and go, confirm and drop, checkpoints remove WAL and power fails: whatever the
/// order, no slot promises what it cannot keep. Invariant I8.
struct SlotWalkTests {
    @Test(arguments: 0..<100 as Range<UInt64>)
    func `no slot is above its consumer, and no WAL below a slot is removed`(_ seed: UInt64) {
        var walk = Walk(seed: seed)
        for _ in 0..<400 { walk.step() }
        #expect(walk.complaints == [])
    }

    @Test func `the accidents do happen`() {
        var counts: [String: Int] = [:]
        for seed: UInt64 in 0..<50 {
            var walk = Walk(seed: seed)
            for _ in 0..<400 { walk.step() }
            counts.merge(walk.counts, uniquingKeysWith: +)
        }
        for what in ["invalidated", "terminated", "waited", "refused", "crash", "removed", "back"] {
            #expect(counts[what, default: 0] > 20, "\(what): \(counts)")
        }
    }
}

/// A server's slots, its directory of slot files, its log, and what each slot's consumer has.
private struct Walk {
    private var random: SeededDraws
    private var slots = SlotTable(maximumCount: 4)
    private var files: [String: [UInt8]] = [:]
    private var end = LSN(0x40_0000)
    private var redo = LSN(0x40_0000)
    private var oldest: UInt64 = 4
    private var settings = Retention.Settings(segmentSize: .oneMebibyte)
    /// What the consumer of each slot confirmed last, or what the slot began with.
    private var confirmed: [String: LSN] = [:]
    /// Who has asked for something and not been answered.
    private var unanswered: Set<Int32> = []
    private(set) var complaints: [String] = []
    private(set) var counts: [String: Int] = [:]

    init(seed: UInt64) {
        random = SeededDraws(seed: seed)
        settings.slotKeepByteCount = Bool.random(using: &random) ? 3 << 20 : nil
        settings.keepByteCount = Int.random(in: 0..<3, using: &random) << 20
    }

    mutating func step() {
        let processID = Int32.random(in: 1...5, using: &random)
        let name = "s\(Int.random(in: 1...5, using: &random))"
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: end = end.advanced(by: Int.random(in: 1..<700_000, using: &random))
        case 30..<42: ask(createRequest(name), processID)
        case 42..<57: ask(.acquire(name: name), processID)
        case 57..<63: ask(.drop(name: name, waits: Bool.random(using: &random)), processID)
        case 63..<78: confirm(name)
        case 78..<83: carryOut(slots.release(by: processID))
        case 83..<89: leave(processID)
        case 89..<98: checkpoint()
        default: crash()
        }
        check()
    }

    private mutating func createRequest(_ name: String) -> SlotRequest {
        .create(
            name: name, isTemporary: Int.random(in: 0..<4, using: &random) == 0,
            reservesWAL: Int.random(in: 0..<4, using: &random) > 0)
    }

    private mutating func ask(_ request: SlotRequest, _ processID: Int32) {
        guard unanswered.insert(processID).inserted else { return }
        let isNew = slots[request.name] == nil
        let effects = slots.perform(request, by: processID, redo: redo)
        if case .create = request, isNew { confirmed[request.name] = redo }
        if effects.answers.isEmpty { count("waited") }
        carryOut(effects)
    }

    /// A consumer goes on, or begins anew further back; or somebody speaks who is no consumer.
    private mutating func confirm(_ name: String) {
        let old = slots[name]?.restartLSN ?? redo
        let isBack = Int.random(in: 0..<8, using: &random) == 0
        let change = Int.random(in: 0..<600_000, using: &random)
        let position = min(end, old.advanced(by: isBack ? -change : change))
        let isStranger = Int.random(in: 0..<4, using: &random) == 0
        guard let owner = slots[name]?.owner, !isStranger else {
            return carryOut(slots.confirm(name, flushed: position, by: 99))
        }
        if position < old { count("back") }
        confirmed[name] = position
        carryOut(slots.confirm(name, flushed: position, by: owner))
    }

    private mutating func leave(_ processID: Int32) {
        unanswered.remove(processID)
        carryOut(slots.cleanUp(after: processID))
    }

    private mutating func checkpoint() {
        redo = end.advanced(by: -Int.random(in: 0..<1_500_000, using: &random))
        for change in slots.takeUnsaved() { store(change) }
        let log = Retention.Log(end: end, redo: redo, oldestSegment: oldest)
        let retention = Retention(settings: settings, log: log, slots: slots)
        let decision = retention.decision
        for processID in decision.terminated {
            count("terminated")
            leave(processID)
        }
        carryOut(slots.invalidate(decision.invalidated))
        count("invalidated", decision.invalidated.count)
        for slot in slots.slots {
            if let restart = slot.restartLSN, restart < decision.oldestLSN,
                settings.segmentSize.number(containing: restart) >= oldest
            {
                complaints.append("\(slot.name) loses WAL at \(restart)")
            }
        }
        if decision.oldestLSN > redo { complaints.append("a crash would find no WAL at \(redo)") }
        if decision.oldestSegment > oldest { count("removed") }
        oldest = max(oldest, decision.oldestSegment)
    }

    /// Power fails: what is in the files is what there is.
    private mutating func crash() {
        count("crash")
        let found = files.keys.sorted().compactMap { name in
            files[name].flatMap { try? ReplicationSlot(decoding: $0) }
        }
        if found.count != files.count { complaints.append("a file that cannot be read") }
        slots = SlotTable(restoring: found, maximumCount: 4)
        unanswered = []
    }

    private mutating func carryOut(_ effects: SlotEffects) {
        for change in effects.files { store(change) }
        for delivery in effects.answers {
            if unanswered.remove(delivery.processID) == nil {
                complaints.append("an answer nobody asked for")
            }
            if case .refused = delivery.answer { count("refused") }
        }
    }

    private mutating func store(_ change: SlotEffects.FileChange) {
        switch change {
        case .store(let slot): files[slot.name] = slot.encoded()
        case .remove(let name): files[name] = nil
        }
    }

    private mutating func count(_ what: String, _ number: Int = 1) {
        counts[what, default: 0] += number
    }

    private mutating func check() {
        let all = slots.slots
        if all.count > 4 { complaints.append("\(all.count) slots") }
        for slot in all {
            if let restart = slot.restartLSN, let limit = confirmed[slot.name], restart > limit {
                complaints.append("\(slot.name) at \(restart) above \(limit)")
            }
            if slot.isTemporary, slot.owner == nil { complaints.append("\(slot.name): nobody's") }
            if slot.isTemporary == (files[slot.name] != nil) {
                complaints.append("\(slot.name): file \(slot.isTemporary)")
            }
        }
        if files.keys.contains(where: { slots[$0] == nil }) { complaints.append("a stray file") }
        for processID in unanswered where all.allSatisfy({ $0.owner == nil }) {
            complaints.append("\(processID) waits for nobody")
        }
        checkForecast(all)
    }

    /// What was invalidated shows as lost, and what shows as kept is there.
    private mutating func checkForecast(_ all: [ReplicationSlot]) {
        let log = Retention.Log(end: end, redo: redo, oldestSegment: oldest)
        for part in Retention(settings: settings, log: log, slots: slots).forecast.slots {
            let isThere = part.slot.restartLSN.map {
                settings.segmentSize.number(containing: $0) >= oldest
            }
            switch part.status {
            case .reserved, .extended: if isThere == false { complaints.append("not kept") }
            case .lost: if isThere == true { complaints.append("lost, and there") }
            case .unreserved, nil: break
            }
            if part.slot.isInvalidated, part.status != .lost { complaints.append("not lost") }
        }
    }
}
