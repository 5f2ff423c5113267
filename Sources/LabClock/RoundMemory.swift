/// Notices that something left alone goes round: it stands as it stood before, only later, and so
/// will do again what it has done since, as often as time allows. Pure.
///
/// - A standing is told with all its times seen from its own instant, or nothing ever comes back.
/// - It remembers a bounded number of standings; a round of more steps is not noticed.
package struct RoundMemory<Standing: Hashable, Tally> {
    /// One step of a round.
    package struct Moment {
        /// What it was, apart from the time.
        package let standing: Standing
        /// What it had counted by then.
        package let tally: Tally
        package let instant: LabInstant
    }

    /// So many steps are remembered.
    package static var capacity: Int { 64 }

    /// What was before that is of no round: its times stay as they are.
    package private(set) var began: LabInstant
    /// Whether it has ever come round.
    package private(set) var hasComeRound = false
    private var moments: [Moment] = []

    /// Nothing was seen yet.
    package init(at instant: LabInstant) {
        began = instant
    }

    /// Gives back when it last stood like this; from now on, this is the last time.
    package mutating func came(_ moment: Moment) -> Moment? {
        if let place = moments.firstIndex(where: { $0.standing == moment.standing }) {
            hasComeRound = true
            defer { moments[place] = moment }
            return moments[place]
        }
        moments.append(moment)
        // It was on its way to its round: that begins later.
        if moments.count == Self.capacity { self = RoundMemory(at: moment.instant) }
        return nil
    }

    /// It was moved on: what was remembered is of another time.
    package mutating func forgetMoments() {
        moments = []
    }
}

extension RoundMemory.Moment {
    package init(_ standing: Standing, _ tally: Tally, at instant: LabInstant) {
        self.init(standing: standing, tally: tally, instant: instant)
    }
}
