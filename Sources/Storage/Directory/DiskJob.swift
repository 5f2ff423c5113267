public import WALFormat

/// What a node asks of its disk, as a plain value. Jobs of one node are performed one after the
/// other, in the order asked; each answers with one `DiskResult`.
public enum DiskJob: Hashable, Sendable {
    /// Writes WAL and makes it durable: pwrite into segments, made as needed, and fdatasync.
    /// Answers `.walFlushed`. Only after that may a client be told OK.
    ///
    /// After a failure that is not final (a full disk) the same job may be asked again; until it
    /// succeeds, WAL behind it and checkpoints answer `.failed(.refused)`.
    case appendWAL(Timeline, at: LSN, bytes: [UInt8])
    /// Writes WAL without making it durable: a replica's "write" position. Answers `.walWritten`.
    case writeWAL(Timeline, at: LSN, bytes: [UInt8])
    /// Makes all WAL written so far durable. Answers `.walFlushed`.
    case syncWAL
    /// Makes the segment that holds this position, zero-filled, if it is not there, be it new or
    /// recycled, so that writing it later needs no room. Answers `.done`. PostgreSQL:
    /// PreallocXlogFiles.
    case prepareWAL(Timeline, at: LSN)
    /// Reads WAL of a timeline (older segments come from its ancestors). Never more than asked, and
    /// all of it or a failure. Answers `.wal`.
    case readWAL(Timeline, from: LSN, upTo: LSN)
    /// Writes dirty pages and pg_xact, makes them durable, then the control data. The WAL that
    /// describes them, checkpoint record included, must have been appended first. Answers `.done`.
    /// What a failed one did not write, the next job that writes control data does.
    case checkpoint(CheckpointPlan)
    /// Replaces the control data in one atomic step. Answers `.done`.
    case writeControl(ControlData)
    /// Promotion, first step: makes the new timeline ready, durably, while the node stays a
    /// standby: its history file, which must name the switch point last, and its first segment,
    /// a copy of the one that holds the fork (rest zero). Answers `.done`. What a failure or a
    /// power loss leaves of it is taken back by `.abandonTimeline`, or when the directory is
    /// opened.
    case beginTimeline(Timeline, TimelineHistory)
    /// Takes back what `.beginTimeline` has made. Answers `.done`.
    case abandonTimeline(Timeline)
    /// Promotion, the step behind which there is no way back: the node is no standby any more.
    /// Removes standby.signal; then the old timeline's last segment becomes `.partial`. Answers
    /// `.done`. A power loss from here on recovers a primary on the new timeline.
    case leaveRecovery
    /// Stores a history file received from upstream. Answers `.done`.
    case writeHistory(Timeline, TimelineHistory)
    /// The history of a timeline; the first timeline's is empty. Answers `.history`.
    case readHistory(Timeline)
    /// Lets go of the segments that lie wholly before this position and before the redo point, from
    /// where recovery would read, after the directory's witness has heard them. Each gets the name
    /// of the first segment that the log has not come to and that has no file, up to number
    /// `recyclingUpTo`, its old bytes still in it; the rest is removed, as all are if that is nil.
    /// Answers `.segmentsRemoved`. PostgreSQL: RemoveOldXlogFiles.
    case removeWAL(before: LSN, recyclingUpTo: UInt64? = nil)
    /// Where the oldest WAL begins from which on none is missing up to the log's end, and how far
    /// ahead of that there are segments. Answers `.oldestWAL`.
    case findOldestWAL
    /// Stores the state of a replication slot: temporary name, fsync, rename, fsync of the
    /// directory. Answers `.done`. PostgreSQL: SaveSlotToPath.
    case storeSlot(name: String, state: [UInt8])
    /// Removes a replication slot. Answers `.done`, also when there is none of that name.
    case removeSlot(name: String)
    /// Reads the files themselves, as they are at this moment. Answers `.read`.
    case read(DirectoryRead)
}

extension DiskJob {
    /// Log of the node's own, for which somebody may wait.
    public var isAppend: Bool {
        if case .appendWAL = self { true } else { false }
    }

    /// A little WAL, or its fdatasync: on a disk that works it takes less time than to wake a
    /// thread twice.
    public var isShort: Bool {
        switch self {
        case .appendWAL(_, _, let bytes), .writeWAL(_, _, let bytes): bytes.count <= 1 << 16
        case .syncWAL: true
        case .prepareWAL, .readWAL, .checkpoint, .writeControl, .beginTimeline, .abandonTimeline,
            .leaveRecovery, .writeHistory, .readHistory, .removeWAL, .findOldestWAL, .storeSlot,
            .removeSlot, .read:
            false
        }
    }
}

/// What became of a `DiskJob`.
public enum DiskResult: Hashable, Sendable {
    /// The job is done and durable.
    case done
    /// WAL up to here (last byte + 1) was handed to the kernel; a power loss may still take it.
    case walWritten(upTo: LSN)
    /// WAL up to here (last byte + 1) is durable.
    case walFlushed(upTo: LSN)
    /// The WAL asked for.
    case wal(at: LSN, bytes: [UInt8])
    /// The history asked for.
    case history(TimelineHistory)
    /// The names that segment files have no longer, oldest first, and those that some of the files
    /// have instead.
    case segmentsRemoved([String], recycledAs: [String] = [])
    /// The first byte of the oldest segment on disk, nil when there is none; and the number of the
    /// newest, which the log may not have come to.
    case oldestWAL(LSN?, newest: UInt64 = 0)
    /// The files asked for.
    case read(DirectoryReading)
    /// The job failed.
    case failed(DiskFailure)
}
