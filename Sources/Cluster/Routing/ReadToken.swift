package import LabClock
package import WALFormat

/// What a client keeps of its last write, so that its reads can ask for it: the position that the
/// OK named, and when the OK arrived.
package struct ReadToken: Hashable, Sendable {
    /// Where the COMMIT record ends, on the timeline that the server was on.
    package let position: LogPosition
    /// When the OK arrived.
    package let acknowledgedAt: LabInstant

    package init(_ position: LogPosition, at instant: LabInstant) {
        self.position = position
        acknowledgedAt = instant
    }

    init(_ ok: ClientLedger.Acknowledgement) {
        self.init(LogPosition(ok.timeline, ok.lsn), at: ok.at)
    }
}
