import LabClock

/// What a node's own work takes in lab time. Everything else a node does takes none.
package struct NodeCosts: Hashable, Sendable {
    /// How long replay takes.
    package var apply = ReplayCost.none
    /// How long the disk takes to make something durable.
    package var fsync = Duration.zero

    /// A node whose work takes no time.
    package init() {}

    /// Nothing takes any time.
    package static let none = NodeCosts()
}

/// How long a replica takes to replay its log: so much a record, and so much a megabyte of it.
package struct ReplayCost: Hashable, Sendable {
    /// A record, whatever its length.
    package var record = Duration.zero
    /// A megabyte (2^20 bytes) of records.
    package var megabyte = Duration.zero

    /// Replay takes no time.
    package init() {}

    /// Replay takes no time.
    package static let none = ReplayCost()

    /// How long a record of so many bytes takes; never longer than the lab's clock can tell.
    func duration(ofByteCount count: Int) -> Duration {
        let (share, overflow) = megabyte.wholeNanoseconds.multipliedReportingOverflow(
            by: Int64(count))
        return record + .nanoseconds(overflow ? .max : share >> 20)
    }
}
