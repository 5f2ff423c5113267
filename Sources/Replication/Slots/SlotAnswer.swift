public import WireProtocol

/// What a request came to.
public enum SlotAnswer: Hashable, Sendable {
    /// It was done.
    case done
    /// The slot that was looked at; nil if there is none of that name.
    case slot(ReplicationSlot?)
    /// It was not done.
    case refused(ServerError)
}
