/// What has to be done after a call to `SlotTable`, in this order: the files, then the answers.
///
/// PostgreSQL, too, syncs a slot's file before it says that the slot exists, or that it is gone.
public struct SlotEffects: Hashable, Sendable {
    /// What becomes of one slot's file.
    public enum FileChange: Hashable, Sendable {
        /// Write `slot.encoded()` to `slot.path`, durably.
        case store(ReplicationSlot)
        /// Remove the slot's directory, durably.
        case remove(name: String)
    }

    /// An answer for the connection with this process ID: `WALSender.slotAnswered`.
    public struct Delivery: Hashable, Sendable {
        /// Who asked.
        public var processID: Int32
        /// What they hear.
        public var answer: SlotAnswer
    }

    /// The files to change.
    public var files: [FileChange] = []
    /// Who hears what. Nobody, when a request has to wait; several, when a wait is over.
    public var answers: [Delivery] = []

    /// These files alone, for nobody's sake.
    public init(files: [FileChange] = []) {
        self.files = files
    }
}
