/// A point on the lab's own time line: nanoseconds since the lab's first moment, 03:00:00.000.
///
/// It is not wall time: nothing here or below the executable reads a real clock. Time is handed
/// in, and only the lab's stepper moves it.
public struct LabInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the lab began; never negative in a running lab.
    public let nanoseconds: Int64

    /// The lab's first moment.
    public static let start = LabInstant(nanoseconds: 0)

    /// Makes the instant `nanoseconds` after the lab began.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The instant `duration` later, to the nanosecond, at the most the end of time.
    public func advanced(by duration: Duration) -> LabInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return LabInstant(nanoseconds: overflow ? .max : sum)
    }

    /// How much later this instant is than `earlier`.
    public func since(_ earlier: LabInstant) -> Duration {
        .nanoseconds(nanoseconds - earlier.nanoseconds)
    }

    /// The order of time.
    public static func < (left: LabInstant, right: LabInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// The duration in nanoseconds, rounded down, at the most `Int64.max`.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? .max : sum
    }
}
