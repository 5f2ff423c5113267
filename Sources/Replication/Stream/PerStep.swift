/// A step of a replica's work on the log, in their order.
public enum ReplicaStep: Int, CaseIterable, Hashable, Sendable {
    /// WAL is handed to the replica's kernel.
    case write
    /// It is durable there.
    case flush
    /// It is visible there. PostgreSQL's wire calls it apply.
    case replay
}

/// One value for each step of a replica's work.
public struct PerStep<Value: Hashable & Sendable>: Hashable, Sendable {
    /// That of `ReplicaStep.write`.
    public let write: Value
    /// That of `ReplicaStep.flush`.
    public let flush: Value
    /// That of `ReplicaStep.replay`.
    public let replay: Value

    /// The value of each step, asked for in their order.
    public init(_ value: (ReplicaStep) -> Value) {
        write = value(.write)
        flush = value(.flush)
        replay = value(.replay)
    }

    /// That of a step.
    public subscript(step: ReplicaStep) -> Value {
        switch step {
        case .write: write
        case .flush: flush
        case .replay: replay
        }
    }
}
