package import LabClock
package import Replication
package import Storage
package import WALFormat

/// What a running node tells of: whoever runs it knows the time and the name.
package enum NodeEvent: Hashable, Sendable {
    /// A replica's receiver said something.
    case receiver(WALReceiver.Event)
    /// A node's sender said something of the replica it serves.
    case sender(replica: String, WALSender.Event)
    /// The node's disk failed; it has stopped acknowledging.
    case diskFailed(DiskFailure)
    /// The node's disk is full: it refuses writes and serves reads.
    case diskFull
    /// There is room again.
    case diskHasRoom
    /// A checkpoint let go of WAL that nobody needed any more, and some of the segments will be
    /// used again; the log begins here now.
    case walRemoved(segmentCount: Int, recycled: Int, before: LSN)
    /// A slot held back too much, and keeps nothing any more; it had kept WAL from here on.
    case slotLost(name: String, at: LSN)
    /// Replay met a record it cannot apply.
    case replayStopped(at: LSN, reason: String)
    /// Replay waits for readers, who see what it is about to take away.
    case replayWaits(readers: Int, until: LabInstant?)
    /// Readers were cancelled, for replay to go on.
    case readersCancelled(count: Int)
    /// A primary's lease is over: it takes no writes.
    case leaseEnded
    /// An outside program talked to the node in a way that ended its connection.
    case connectionRefused(String)
}
