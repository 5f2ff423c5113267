/// What a connection asks of its server's slots.
public enum SlotRequest: Hashable, Sendable {
    /// Make a slot; with `reservesWAL` it keeps WAL from the last checkpoint's redo point on.
    case create(name: String, isTemporary: Bool, reservesWAL: Bool)
    /// Look at a slot.
    case read(name: String)
    /// Use a slot for a stream.
    case acquire(name: String)
    /// Remove a slot; with `waits` as soon as nobody uses it.
    case drop(name: String, waits: Bool)

    /// The slot's name.
    public var name: String {
        switch self {
        case .create(let name, _, _), .read(let name), .acquire(let name), .drop(let name, _): name
        }
    }
}
