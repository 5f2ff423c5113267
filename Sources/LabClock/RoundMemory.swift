/// Notices that something left alone goes round: it stands as it stood before, only later, and so
/// will do again what it has done since, as often as time allows. Pure.
///
/// - A standing is told with all its times seen from its own instant, or nothing ever comes back.
/// - It remembers a bounded number of standings. What has not come round by then was on its way to
///   its round, which begins later: it begins anew, with more patience.
package struct RoundMemory<Standing: Hashable, Tally> {
    /// One step of a round.
    package struct Moment {
        /// What it was, apart from the time.
        package let standing: Standing
        /// What it had counted by then.
        package let tally: Tally
        package let instant: LabInstant
    }

    /// So many steps are remembered at first. What happened once, and is a standing's own as long
    /// as it is remembered, delays a round by no more.
    package static var leastCapacity: Int { 64 }
    /// So many are remembered at most; a round of more steps is not noticed. Draws of jitter that
    /// come back after a few, and timers that are looked after every third of them, make hundreds.
    package static var greatestCapacity: Int { 1024 }

    /// What was before that is of no round: its times stay as they are.
    package private(set) var began: LabInstant
    /// Whether it has ever come round.
    package private(set) var hasComeRound = false
    private let capacity: Int
    private var moments: [Standing: (tally: Tally, instant: LabInstant)] = [:]

    /// Nothing was seen yet.
    package init(at instant: LabInstant) {
        self.init(at: instant, capacity: Self.leastCapacity)
    }

    private init(at instant: LabInstant, capacity: Int) {
        began = instant
        self.capacity = capacity
    }

    /// Gives back when it last stood like this; from now on, this is the last time.
    package mutating func came(_ moment: Moment) -> Moment? {
        let present = (moment.tally, moment.instant)
        if let last = moments.updateValue(present, forKey: moment.standing) {
            hasComeRound = true
            return Moment(standing: moment.standing, tally: last.tally, instant: last.instant)
        }
        if moments.count == capacity {
            self = RoundMemory(
                at: moment.instant, capacity: min(2 * capacity, Self.greatestCapacity))
        }
        return nil
    }

    /// It was moved on: what was remembered is of another time.
    package mutating func forgetMoments() {
        moments = [:]
    }
}

extension RoundMemory.Moment {
    package init(_ standing: Standing, _ tally: Tally, at instant: LabInstant) {
        self.init(standing: standing, tally: tally, instant: instant)
    }
}
