package import LabClock
package import Replication

/// What the monitor thinks of the node it watches.
package struct MonitorReport: Hashable, Sendable {
    /// The node that it watches.
    package let node: String
    package let terms: FailureDetector.Terms
    /// Nil: it answers; else when it was declared dead.
    package let deadSince: LabInstant?
    /// Checks without an answer since the last one.
    package let missed: Int
    package let lastAnswer: LabInstant
    /// What the last answer said of the replicas: bytes of WAL that they had not made durable.
    package let lag: [Lag]
    /// Whether its own wire to the node is cut.
    package let isCut: Bool

    /// How far a replica was behind.
    package struct Lag: Hashable, Sendable {
        package let replica: String
        /// Nil: it had not said yet how far it was.
        package let byteCount: Int?
    }
}

/// What the monitor has to say.
package enum MonitorEvent: Hashable, Sendable {
    /// So many checks of a node were missed.
    case declaredDead(String, missed: Int, silence: Duration)
    /// A node that it had declared dead answers.
    case answersAgain(String, silence: Duration)
}

/// What the monitor could not do.
package enum MonitorFailure: Hashable, Sendable {
    /// There is one already, of this node.
    case isOn(String)
    /// There is none.
    case isOff
}
