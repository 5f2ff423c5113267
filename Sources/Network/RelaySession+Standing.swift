import LabClock

// What it is like while nothing moves.
extension RelaySession {
    /// What there is of a connection at a stillness.
    struct Standing: Hashable {
        let number: Int
        let hasDialled: Bool
        let hasInbound: Bool
        let hasOutbound: Bool
        let dialsIn: Duration?
        let wires: [Link.Way: LinkDirection.Standing]
    }

    /// Nil while the target is being reached.
    var standing: Standing? {
        guard !isDialling else { return nil }
        let now = link.lab.stepper.now
        return Standing(
            number: number, hasDialled: hasDialled, hasInbound: inbound != nil,
            hasOutbound: outbound != nil, dialsIn: dialTimer.map { $0.at.since(now) },
            wires: wires.mapValues { $0.direction.standing(at: now) })
    }

    /// When the last of what is under way comes out; nil when nothing is.
    var lastDue: LabInstant? { wires.values.compactMap(\.direction.endOfFlight).max() }

    /// When what is on its way comes out.
    var timers: [TimerQueue<() -> Void>.Token] {
        wires.values.compactMap(\.timer) + (dialTimer.map { [$0.token] } ?? [])
    }
}
