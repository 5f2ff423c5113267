public import WALFormat

/// Why a disk job failed.
public enum DiskFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system call that failed.
    case io(IOFailure)
    /// A sync failed earlier: nothing is written any more, because nobody can know what is durable.
    /// Or a write of WAL failed: what has to come behind it waits until that has been repeated.
    case refused(after: IOFailure)
    /// The segment is not (or no longer) there. PostgreSQL's 58P01, "has already been removed".
    case segmentRemoved(fileName: String)
    /// WAL before this is missing: the segment is not there, or ends earlier, or is not durable.
    case gap(at: LSN, fileName: String)
    /// The segment ends before the bytes asked for.
    case shortSegment(fileName: String, byteCount: Int)
    /// No history file for this timeline.
    case unknownTimeline(Timeline)
    /// A history file that does not parse.
    case badHistory(fileName: String)
    /// A job whose numbers contradict each other: a range that ends before it begins.
    case badRange(from: LSN, upTo: LSN)
    /// The node went down before the job's turn came; the disk was not touched.
    case abandoned

    /// Whether there was only no room, for this job or for WAL that has to come before it: it may
    /// be asked again when there is.
    public var isLackOfRoom: Bool {
        switch self {
        case .io(let failure), .refused(let failure):
            failure.kind == .noSpace && !failure.isFailedSync
        case .segmentRemoved, .gap, .shortSegment, .unknownTimeline, .badHistory, .badRange,
            .abandoned:
            false
        }
    }

    /// One line for an operator.
    public var description: String {
        switch self {
        case .io(let failure): failure.description
        case .refused(let failure):
            failure.isFailedSync
                ? "nothing is written any more since a sync failed (\(failure))"
                : "WAL before it could not be written (\(failure))"
        case .segmentRemoved(let name): "requested WAL segment \(name) has already been removed"
        case .gap(let lsn, let name): "WAL before \(lsn) is missing in segment \(name)"
        case .shortSegment(let name, let count): "WAL segment \(name) has only \(count) bytes"
        case .unknownTimeline(let timeline): "there is no history file for timeline \(timeline)"
        case .badHistory(let name): "history file \(name) is not readable"
        case .badRange(let from, let upTo): "the WAL range \(from) to \(upTo) runs backwards"
        case .abandoned: "the node went down before the disk was asked"
        }
    }
}
