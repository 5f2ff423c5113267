public import LabClock

// A link that nothing moves on, as a value.
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
        private let faults: [WireFaults]
        private let sessions: [RelaySession.Standing]

        fileprivate init(_ faults: [WireFaults], _ sessions: [RelaySession.Standing]) {
            self.faults = faults
            self.sessions = sessions
        }
    }

    /// The timers that are set for what is on its way.
    public var timers: [TimerQueue<() -> Void>.Token] { inOrder.flatMap(\.timers) }

    /// What the link is while nothing moves on it; nil while anything is on its way.
    public var standing: Standing? {
        let sessions = inOrder
        let standings = sessions.compactMap(\.standing)
        guard standings.count == sessions.count else { return nil }
        return Standing([Way.upstream, .downstream].map(faults), standings)
    }
}
