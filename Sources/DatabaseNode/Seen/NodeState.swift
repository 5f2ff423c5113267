/// Whether a node runs.
package enum NodeState: Hashable, Sendable {
    case up
    /// It runs, serves reads and takes no changes, because its disk is full.
    case full
    /// Its process was stopped where it stands; its kernel goes on.
    case frozen
    /// It does not run: a base backup is filling its directory.
    case seeding(SeedingProgress)
    /// Power loss.
    case crashed
    /// A clean shutdown.
    case stopped
    /// It runs, serves reads and acknowledges nothing, because its disk failed.
    case failed(reason: String)
}

/// How far a base backup has got on its way into a node's directory.
package struct SeedingProgress: Hashable, Sendable {
    /// The node it comes from.
    package let source: String
    /// Bytes of the archive that have arrived.
    package let receivedByteCount: Int
    /// Bytes to expect, WAL aside; nil before the source has said so.
    package let expectedByteCount: Int?

    package init(source: String, receivedByteCount: Int, expectedByteCount: Int?) {
        self.source = source
        self.receivedByteCount = receivedByteCount
        self.expectedByteCount = expectedByteCount
    }
}
