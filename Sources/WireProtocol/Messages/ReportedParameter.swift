package import WALFormat

/// The parameter that only a node of the lab reports, as ParameterStatus; libpq ignores it.
///
/// It is all that the lab's client ledger knows, and what any client could know: where in which
/// history a commit's record ends. One parameter has both, so that nobody can take the one from
/// before a promotion and the other from behind it.
package enum ReportedParameter {
    /// It comes before the commit's OK.
    package static let commit = "shiplog.commit"

    /// `2 0/1000270`: the timeline, and the last byte + 1.
    package static func text(_ position: LogPosition) -> String {
        "\(position.timeline.rawValue) \(position.lsn)"
    }

    /// What such a text says; nil: it is none.
    package static func position(_ text: String) -> LogPosition? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let timeline = UInt32(words[0]), let lsn = LSN(String(words[1]))
        else { return nil }
        return LogPosition(Timeline(timeline), lsn)
    }
}
