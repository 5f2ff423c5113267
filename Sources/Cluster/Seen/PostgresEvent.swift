package import Replication
package import WALFormat
package import WireProtocol

/// What there is to report of a PostgreSQL member.
package enum PostgresEvent: Hashable, Sendable {
    /// It has not confirmed what its link has let through, within a bound of real time.
    case unconfirmed(upTo: LSN, within: Duration)
    /// It does not stream, though its upstream listens: why, as the upstream had it, and what its
    /// own log said last.
    case notStreaming(ServerError?, within: Duration, lastOutput: String)
    /// Its process has ended.
    case ended(lastOutput: String)
}

/// What became of `attach`.
package struct AttachReport: Hashable, Sendable {
    /// The PostgreSQL member.
    package let node: String
    /// The node it follows.
    package let upstream: String
    /// The base backup it was started on.
    package let backup: BackupReceiver.Summary
    /// It has replayed up to here.
    package let at: LSN
}
