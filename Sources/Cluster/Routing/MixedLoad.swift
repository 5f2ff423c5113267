/// A workload of writes and reads by many users, at a pace.
///
/// Each user has one key, `prefix:1` and on, and the users write in turn. A read is by one of those
/// who have written by then: of the own key, or of another's.
package struct MixedLoad: Sendable {
    package let writes: Int
    package let reads: Int
    package let users: Int
    package let prefix: String
    /// Values are padded to so many bytes.
    package let byteCount: Int
    /// Each read is asked for by every one of these.
    package let policies: [ReadPolicy]
    /// When a write begins after the first, by its number from 0.
    package let writeOffset: @Sendable (Int) -> Duration
    /// When a read begins after the first write, by its number from 0.
    package let readOffset: @Sendable (Int) -> Duration

    package init(
        writes: Int, reads: Int, users: Int, prefix: String, byteCount: Int,
        policies: [ReadPolicy], writeOffset: @escaping @Sendable (Int) -> Duration,
        readOffset: @escaping @Sendable (Int) -> Duration
    ) {
        self.writes = writes
        self.reads = reads
        self.users = users
        self.prefix = prefix
        self.byteCount = byteCount
        self.policies = policies
        self.writeOffset = writeOffset
        self.readOffset = readOffset
    }

    /// A user's key, by the user's number from 0.
    func key(of user: Int) -> String { "\(prefix):\(user + 1)" }
}

/// What a mixed load did.
package struct MixedReport: Hashable, Sendable {
    package let writes: LoadReport
    /// Reads answered under all policies, and under each.
    package let reads: ReadCounts
    /// Reads asked for, each under every policy.
    package let asked: Int
    /// What stopped it before the end.
    package let failure: LabFailure?
}
