package import Replication
import Storage
import WireProtocol

/// The node's replication slots: makes durable what the table of them decides, then lets those hear
/// who asked.
extension NodeProcess {
    /// Asks the slots on behalf of a connection; it hears of it through `Backend.slotAnswered`.
    func perform(_ request: SlotRequest, for backend: Backend) {
        perform(request, by: backend.slotOwner)
    }

    /// Asks the slots on behalf of nobody's connection, as an administrator would.
    package func perform(_ request: SlotRequest, answered: @escaping (SlotAnswer) -> Void) {
        perform(request, by: slotWaiters.add(answered))
    }

    private func perform(_ request: SlotRequest, by owner: Int32) {
        let effects = slots.perform(request, by: owner, redo: redo)
        carryOut(effects) { [weak self] failure in
            guard let self, failure != nil, case .create(let name, _, _) = request else { return }
            // A slot that is in no file was not made.
            carryOut(slots.perform(.drop(name: name, waits: false), by: owner, redo: redo))
        }
    }

    /// The same for a statement of a session, which is answered at once; what the client is told of
    /// it waits until it is durable.
    func perform(
        _ request: SlotRequest, forSession processID: Int
    ) throws(ServerError) -> ReplicationSlot? {
        let owner = Int32(truncatingIfNeeded: processID)
        var effects = slots.perform(request, by: owner, redo: redo)
        let own = effects.answers.first { $0.processID == owner }?.answer
        if case .refused(let error) = own { throw error }
        effects.answers.removeAll { $0.processID == owner }
        let slot = slots[request.name]
        guard !effects.files.isEmpty else { return slot }
        let backend = backends[processID]
        backend?.awaitsDisk = true
        carryOut(effects) { [weak backend] failure in backend?.slotIsStored(failure) }
        return slot
    }

    /// Changes the files, then tells those who asked; `done` hears of the first failure.
    func carryOut(
        _ effects: SlotEffects, done: @escaping (DiskFailure?) -> Void = { _ in }
    ) {
        var left = effects.files.count
        var failure: DiskFailure?
        guard left > 0 else {
            deliver(effects.answers)
            return done(nil)
        }
        for change in effects.files {
            disk.submit(change.job) { [weak self] result in
                guard let self else { return }
                if case .failed(let reason) = result {
                    failure = failure ?? reason
                    notStored(change, reason)
                }
                left -= 1
                guard left == 0 else { return }
                deliver(effects.answers, unless: failure)
                done(failure)
            }
        }
    }

    /// On a full disk the next checkpoint tries again; any other failure is the disk's end.
    private func notStored(_ change: SlotEffects.FileChange, _ reason: DiskFailure) {
        if case .io(let failure) = reason, failure.kind == .noSpace {
            if case .store(let slot) = change { slots.notStored(slot.name) }
        } else {
            log.fail(reason)
        }
    }

    private func deliver(_ answers: [SlotEffects.Delivery], unless failure: DiskFailure? = nil) {
        for delivery in answers {
            let answer = failure.map { SlotAnswer.refused($0.serverError) } ?? delivery.answer
            if let waiter = slotWaiters.remove(delivery.processID) {
                waiter(answer)
            } else {
                backends[Int(delivery.processID)]?.slotAnswered(answer)
            }
        }
    }

    /// What was confirmed since the last checkpoint goes to disk with the next one.
    func saveSlots() {
        carryOut(SlotEffects(files: slots.takeUnsaved()))
    }
}

extension SlotEffects.FileChange {
    fileprivate var job: DiskJob {
        switch self {
        case .store(let slot): .storeSlot(name: slot.name, state: slot.encoded())
        case .remove(let name): .removeSlot(name: name)
        }
    }
}

extension SlotTable {
    /// The slots of a data directory.
    init(restoringFrom directory: DataDirectory) throws(OpenFailure) {
        var slots: [ReplicationSlot] = []
        for (name, state) in try directory.restoreSlots() {
            do throws(SlotFileError) {
                let slot = try ReplicationSlot(decoding: state)
                guard slot.name == name else { throw .name(Array(slot.name.utf8)) }
                slots.append(slot)
            } catch {
                throw .damagedFile(
                    path: ReplicationSlot.path(of: name), reason: "it is no slot: \(error)")
            }
        }
        self.init(restoring: slots)
    }
}
