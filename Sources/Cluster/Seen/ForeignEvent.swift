public import Replication
public import WALFormat
public import WireProtocol

/// What is to be told of an outside standby.
public enum ForeignEvent: Hashable, Sendable {
    /// It has not confirmed what its link has let through, within a bound of real time.
    case unconfirmed(upTo: LSN, within: Duration)
    /// It does not stream, though its upstream listens: why, as the upstream had it, and what its
    /// own log said last.
    case notStreaming(ServerError?, within: Duration, lastWords: String)
    /// Its process has ended.
    case ended(lastWords: String)
}

/// What became of `attach`.
public struct AttachReport: Hashable, Sendable {
    /// The outside standby.
    public let node: String
    /// Whom it follows.
    public let upstream: String
    /// The base backup it was started on.
    public let backup: BackupReceiver.Summary
    /// It has replayed up to here.
    public let at: LSN
}
