package import LabClock

/// What keeps a primary from taking writes that it could take: what whoever fences it has told it
/// over SQL.
///
/// - While it refuses, no write is taken, no COMMIT of a transaction under way, and no OK leaves:
///   who waits for one hears of nothing any more, as when the server is stopped.
/// - It is the node's own and outlives its process, as `postgresql.auto.conf` does.
package struct WriteFence: Hashable, Sendable {
    /// It takes none, until told otherwise.
    package var isReadOnly = false
    /// It takes some only till then; nil: it needs no lease. Not later than whoever gave the lease
    /// believes, who counts from when he sent it.
    package var leaseEnd: LabInstant?

    package init() {}

    /// Whether no write is taken now.
    package func refuses(at now: LabInstant) -> Bool {
        isReadOnly || hasEnded(at: now)
    }

    /// Whether there was a lease that is over.
    package func hasEnded(at now: LabInstant) -> Bool { leaseEnd.map { $0 <= now } ?? false }
}
