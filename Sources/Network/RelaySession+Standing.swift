import LabClock

// What it is like while nothing moves.
extension RelaySession {
    /// What there is of a connection at a stillness.
    struct Standing: Hashable {
        let hasDialled: Bool
        let hasInbound: Bool
        let hasOutbound: Bool
        let dialsIn: Duration?
        let wires: [Link.Way: WireStanding]
    }

    /// One way of it.
    struct WireStanding: Hashable {
        let direction: LinkDirection.Standing
        /// What has come out and nobody has read, and what there is no room for.
        let arrivedByteCount: Int
        let overflowByteCount: Int
        let closeFollows: Bool
    }

    /// Nil while the target is being reached. Its number is left out: in a round, others come in
    /// its place.
    var standing: Standing? {
        guard !isDialling else { return nil }
        let now = link.lab.stepper.now
        return Standing(
            hasDialled: hasDialled, hasInbound: inbound != nil, hasOutbound: outbound != nil,
            dialsIn: dialTimer.map { $0.at.since(now) },
            wires: wires.mapValues { wire in
                WireStanding(
                    direction: wire.direction.standing(at: now),
                    arrivedByteCount: wire.arrivedByteCount,
                    overflowByteCount: wire.overflow.count, closeFollows: wire.closeFollows)
            })
    }

    /// When the last of what is under way comes out; nil when nothing is.
    var lastDue: LabInstant? { wires.values.compactMap(\.direction.endOfFlight).max() }

    /// When what is on its way comes out.
    var timers: [TimerQueue<() -> Void>.Token] {
        wires.values.compactMap(\.timer) + (dialTimer.map { [$0.token] } ?? [])
    }
}
