public import WALFormat
import WireProtocol

/// A server's replication slots, and who waits to drop one. Pure: what must reach the disk is said
/// in `SlotEffects`. PostgreSQL: `slot.c`.
///
/// - No two slots have the same name, and there are at most `maximumCount`.
/// - A slot has one user at a time. A temporary slot has one for good, the connection that made it.
/// - A confirmation reaches the disk with the next checkpoint, one that keeps more than before at
///   once: after a crash a slot may keep more than it must, never less.
public struct SlotTable: Hashable, Sendable {
    private struct Waiter: Hashable {
        let processID: Int32
        let name: String
    }

    /// `max_replication_slots`.
    public var maximumCount: Int
    private var byName: [String: ReplicationSlot] = [:]
    /// Who waits to drop a slot, in the order of asking.
    private var waiters: [Waiter] = []

    /// A table of the slots whose files were found when the server started. PostgreSQL does not
    /// start with more than `maximumCount`; this keeps them, and lets no further one in.
    public init(restoring slots: [ReplicationSlot] = [], maximumCount: Int = 10) {
        self.maximumCount = maximumCount
        for slot in slots where !slot.isTemporary { byName[slot.name] = slot }
    }

    /// All slots, by name.
    public var slots: [ReplicationSlot] { byName.values.sorted { $0.name < $1.name } }

    /// The slot of this name.
    public subscript(name: String) -> ReplicationSlot? { byName[name] }

    /// The oldest byte any slot keeps; nil if none keeps any. PostgreSQL:
    /// `XLogGetReplicationSlotMinimumLSN`.
    public var minimumRestartLSN: LSN? { byName.values.compactMap(\.restartLSN).min() }

    // MARK: Requests

    /// Carries out what the connection `processID` asks for. `redo` is the redo point of the
    /// server's last checkpoint.
    public mutating func perform(
        _ request: SlotRequest, by processID: Int32, redo: LSN
    ) -> SlotEffects {
        var effects = SlotEffects()
        do throws(ServerError) {
            let answer: SlotAnswer?
            switch request {
            case .create(let name, let isTemporary, let reservesWAL):
                let slot = ReplicationSlot(
                    name: name, isTemporary: isTemporary, restartLSN: reservesWAL ? redo : nil)
                answer = try create(slot, by: processID, &effects)
            case .read(let name):
                answer = .slot(byName[name])
            case .acquire(let name):
                answer = try acquire(name, by: processID)
            case .drop(let name, let waits):
                answer = try drop(name, waits: waits, by: processID, &effects)
            }
            if let answer { effects.answer(processID, answer) }
        } catch {
            effects.answer(processID, .refused(error))
        }
        return effects
    }

    private mutating func create(
        _ slot: ReplicationSlot, by processID: Int32, _ effects: inout SlotEffects
    ) throws(ServerError) -> SlotAnswer {
        if let error = SlotName.error(in: slot.name) { throw error }
        guard byName[slot.name] == nil else { throw SlotTable.exists(slot.name) }
        guard byName.count < maximumCount else { throw SlotTable.full }
        byName[slot.name] = slot
        if slot.isTemporary {
            byName[slot.name]?.owner = processID
        } else {
            effects.files.append(.store(slot))
        }
        return .done
    }

    private mutating func acquire(
        _ name: String, by processID: Int32
    ) throws(ServerError) -> SlotAnswer {
        guard let slot = byName[name] else { throw SlotTable.missing(name) }
        if let owner = slot.owner, owner != processID { throw SlotTable.inUse(name, by: owner) }
        byName[name]?.owner = processID
        return .done
    }

    /// Nil if it has to wait.
    private mutating func drop(
        _ name: String, waits: Bool, by processID: Int32, _ effects: inout SlotEffects
    ) throws(ServerError) -> SlotAnswer? {
        guard let slot = byName[name] else { throw SlotTable.missing(name) }
        if let owner = slot.owner, owner != processID {
            guard waits else { throw SlotTable.inUse(name, by: owner) }
            waiters.append(Waiter(processID: processID, name: name))
            return nil
        }
        remove(slot, &effects)
        return .done
    }

    // MARK: Use

    /// The user of a slot has made WAL durable up to `lsn`. Nobody else can move a slot.
    /// PostgreSQL leaves every confirmation to the next checkpoint.
    public mutating func confirm(
        _ name: String, flushed lsn: LSN, by processID: Int32
    ) -> SlotEffects {
        var effects = SlotEffects()
        guard var slot = byName[name], slot.owner == processID, slot.restartLSN != lsn else {
            return effects
        }
        let keepsMore = slot.restartLSN.map { lsn < $0 } ?? true
        slot.restartLSN = lsn
        slot.isDirty = !keepsMore
        byName[name] = slot
        if keepsMore, !slot.isTemporary { effects.files.append(.store(slot)) }
        return effects
    }

    /// The user of a slot needs rows that this transaction or a later one has deleted; nil: none.
    /// It is stored with the next checkpoint. PostgreSQL: `PhysicalReplicationSlotNewXmin`.
    public mutating func hold(_ name: String, from xmin: TransactionID?, by processID: Int32) {
        guard let slot = byName[name], slot.owner == processID, slot.xmin != xmin else { return }
        byName[name]?.xmin = xmin
        byName[name]?.isDirty = true
    }

    /// The connection's stream is over: its slot is free. Its temporary ones stay its own.
    public mutating func release(by processID: Int32) -> SlotEffects {
        var effects = SlotEffects()
        for slot in slots where slot.owner == processID && !slot.isTemporary {
            byName[slot.name]?.owner = nil
            wake(slot.name, &effects)
        }
        return effects
    }

    /// The connection has ended, or its command failed: its slot is free, its temporary ones are
    /// gone, and it waits for none. PostgreSQL: `WalSndErrorCleanup`.
    public mutating func cleanUp(after processID: Int32) -> SlotEffects {
        waiters.removeAll { $0.processID == processID }
        var effects = release(by: processID)
        for slot in slots where slot.owner == processID { remove(slot, &effects) }
        return effects
    }

    // MARK: Checkpoints

    /// These slots fell too far behind: they keep nothing any more. Whoever uses one must be cut
    /// off before (`Retention.Decision`), and has lost it now. PostgreSQL:
    /// `InvalidateObsoleteReplicationSlots`.
    public mutating func invalidate(_ names: [String]) -> SlotEffects {
        var effects = SlotEffects()
        for name in names {
            guard var slot = byName[name], let restart = slot.restartLSN else { continue }
            slot.invalidatedAt = restart
            slot.restartLSN = nil
            slot.isDirty = false
            if !slot.isTemporary {
                slot.owner = nil
                effects.files.append(.store(slot))
            }
            byName[name] = slot
            if slot.owner == nil { wake(name, &effects) }
        }
        return effects
    }

    /// What was confirmed since the last checkpoint, to be stored with this one. PostgreSQL:
    /// `CheckPointReplicationSlots`.
    public mutating func takeUnsaved() -> [SlotEffects.FileChange] {
        slots.filter { $0.isDirty && !$0.isTemporary }.map {
            byName[$0.name]?.isDirty = false
            return .store($0)
        }
    }

    /// What was handed out to be stored is not on disk: it is handed out again.
    public mutating func notStored(_ name: String) {
        byName[name]?.isDirty = true
    }

    // MARK: Waits

    private mutating func remove(_ slot: ReplicationSlot, _ effects: inout SlotEffects) {
        byName[slot.name] = nil
        if !slot.isTemporary { effects.files.append(.remove(name: slot.name)) }
        wake(slot.name, &effects)
    }

    /// The slot is free or gone: the first who waits drops it, the others are told that.
    private mutating func wake(_ name: String, _ effects: inout SlotEffects) {
        for waiter in waiters where waiter.name == name {
            if let slot = byName[name] {
                byName[name] = nil
                if !slot.isTemporary { effects.files.append(.remove(name: name)) }
                effects.answer(waiter.processID, .done)
            } else {
                effects.answer(waiter.processID, .refused(SlotTable.missing(name)))
            }
        }
        waiters.removeAll { $0.name == name }
    }
}

extension SlotEffects {
    fileprivate mutating func answer(_ processID: Int32, _ answer: SlotAnswer) {
        answers.append(Delivery(processID: processID, answer: answer))
    }
}
