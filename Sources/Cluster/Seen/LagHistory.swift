package import LabClock

/// How far a replica has been behind lately, in bytes. Pure: it is told what is when that changes,
/// and whatever it was told holds until it is told something else.
///
/// - Only what held for some time counts: what comes and goes within an instant was never there.
/// - A *trend* is the straight line that fits best (least squares over time, not over samples), so
///   it does not depend on how often anybody looked.
/// - A trend is of one stretch: it begins when a command changes something, or a load begins or
///   ends, and the next one when time goes on after that.
package struct LagHistory: Hashable, Sendable {
    /// So many slices of time are remembered.
    package static let sliceCount = 20
    /// How long each is.
    package static let slice = Duration.seconds(1)

    /// What changes, in bytes a second, and over how long that was seen.
    package struct Trend: Hashable, Sendable {
        package let over: Duration
        /// The log that the primary makes.
        package let made: Double
        /// What is missing grows by so much; less than zero: it shrinks.
        package let growth: Double

        /// What the replica replays.
        package var replayed: Double { made - growth }

        /// What is missing stays about the same.
        package var isSteady: Bool { abs(growth) < max(0.5, abs(made) / 200) }
    }

    /// Values, and since when.
    private struct Held: Hashable {
        var missing: Int
        /// The end of the primary's log.
        var made: Int
        var since: LabInstant
    }

    private struct Stretch: Hashable {
        let began: LabInstant
        var missing: FittedLine
        var made: FittedLine

        init(_ held: Held, at began: LabInstant) {
            self.began = began
            missing = FittedLine(from: held.missing)
            made = FittedLine(from: held.made)
        }
    }

    private var held: Held
    private var stretch: Stretch
    /// The stretch is over when time goes on after this instant.
    private var endOfStretch: LabInstant?
    /// The highest of each slice, oldest first; the last is the one that `held.since` lies in.
    private var peaks: [Int]

    /// One begins, with the primary's log ending at `made`.
    package init(missing: Int, made: Int, at now: LabInstant) {
        held = Held(missing: missing, made: made, since: now)
        stretch = Stretch(held, at: now)
        peaks = Array(repeating: 0, count: Self.sliceCount)
    }

    /// From now on so much is missing of a log that ends at `made`.
    package mutating func note(missing: Int, made: Int, at now: LabInstant) {
        advance(to: now)
        held.missing = missing
        held.made = made
    }

    /// Something was changed: what comes has a trend of its own.
    package mutating func turn(at now: LabInstant) {
        advance(to: now)
        endOfStretch = now
    }

    /// How it goes; nil: no time has passed.
    package func trend(at now: LabInstant) -> Trend? {
        var copy = self
        copy.advance(to: now)
        let over = copy.held.since.since(copy.stretch.began)
        guard over > .zero else { return nil }
        return Trend(
            over: over, made: copy.stretch.made.slope(over: over),
            growth: copy.stretch.missing.slope(over: over))
    }

    /// The most that was missing in each slice, oldest first; the last is the present one.
    package func highest(at now: LabInstant) -> [Int] {
        var copy = self
        copy.advance(to: now)
        copy.peaks[Self.sliceCount - 1] = max(copy.peaks[Self.sliceCount - 1], held.missing)
        return copy.peaks
    }

    private mutating func advance(to now: LabInstant) {
        guard now > held.since else { return }
        if let end = endOfStretch {
            stretch = Stretch(held, at: end)
            endOfStretch = nil
        }
        let start = max(held.since, stretch.began).since(stretch.began)
        let end = now.since(stretch.began)
        stretch.missing.add(held.missing, from: start, to: end)
        stretch.made.add(held.made, from: start, to: end)
        addPeaks(upTo: now)
        held.since = now
    }

    private mutating func addPeaks(upTo now: LabInstant) {
        let length = Self.slice.wholeNanoseconds
        let (first, last) = (held.since.nanoseconds / length, now.nanoseconds / length)
        peaks[Self.sliceCount - 1] = max(peaks[Self.sliceCount - 1], held.missing)
        guard last > first else { return }
        let passed = Int(min(last - first, Int64(Self.sliceCount)))
        peaks = Array(
            (peaks + Array(repeating: held.missing, count: passed)).suffix(Self.sliceCount))
        // The present slice has only begun.
        if now.nanoseconds % length == 0 { peaks[Self.sliceCount - 1] = 0 }
    }
}

/// The line of least squares through a value that holds for a while, and then another: the sums it
/// takes, counted from the first value.
private struct FittedLine: Hashable {
    private let origin: Int
    /// The integral of the value over time, and of the value times time; in seconds.
    private var area = 0.0
    private var moment = 0.0

    init(from origin: Int) {
        self.origin = origin
    }

    mutating func add(_ value: Int, from start: Duration, to end: Duration) {
        let (from, to) = (start / .seconds(1), end / .seconds(1))
        let height = Double(value - origin)
        area += height * (to - from)
        moment += height * (to * to - from * from) / 2
    }

    /// In so much a second.
    func slope(over duration: Duration) -> Double {
        let length = duration / .seconds(1)
        return 12 * (moment - length / 2 * area) / (length * length * length)
    }
}
