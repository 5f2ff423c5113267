public import LabClock

// A link at a stillness, as a value.
extension Link {
    /// How many connections a link has had.
    public struct Tally: Hashable, Sendable {
        /// That came to it.
        public let admitted: Int
        /// That the target took.
        public let carried: Int

        /// So many of all.
        public func times(_ count: Int) -> Tally {
            Tally(admitted: admitted * count, carried: carried * count)
        }

        /// Those since then.
        public func since(_ earlier: Tally) -> Tally {
            Tally(admitted: admitted - earlier.admitted, carried: carried - earlier.carried)
        }
    }

    /// The faults, and the connections that are there.
    public struct Standing: Hashable {
        fileprivate let faults: [WireFaults]
        /// How long ago each way's outage began last.
        fileprivate let phases: [Duration?]
        fileprivate let sessions: [RelaySession.Standing]
    }

    /// The timers that are set for what is on its way.
    public var timers: [TimerQueue<() -> Void>.Token] { inOrder.flatMap(\.timers) }

    /// When the last of what is under way comes out; nil when nothing is.
    public var lastDue: LabInstant? { inOrder.compactMap(\.lastDue).max() }

    /// Lets what is under way take so much longer. What it says becomes so much older.
    public func postpone(by duration: Duration) {
        inOrder.forEach { $0.postpone(by: duration) }
    }

    /// What the link is, as seen from now, but for what the bytes on it say; nil while a target is
    /// being reached.
    public var standing: Standing? {
        let sessions = inOrder
        let standings = sessions.compactMap(\.standing)
        guard standings.count == sessions.count else { return nil }
        let faults = [Way.upstream, .downstream].map(faults)
        return Standing(
            faults: faults, phases: faults.map { $0.outage?.phase(at: lab.stepper.now) },
            sessions: standings)
    }
}
