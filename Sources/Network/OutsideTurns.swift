/// Whose turn it is among outside programs. While the lab rests, each is served as it comes. While
/// the lab carries out a command they are served in turns with a pause before each, all of them
/// together: however many they are and whatever they ask for, most of the time is the lab's.
///
/// - In the order of asking; who goes on asks again, behind the others.
/// - A turn counts as moving, so that all it sets off is waited for.
/// - Touched on the lab's loop only.
final class OutsideTurns {
    /// Real time, as everything about outside programs.
    private static let pause = Duration.milliseconds(4)

    private unowned let lab: LabLoop
    private var waiting: [() -> Void] = []
    private var isScheduled = false

    init(_ lab: LabLoop) {
        self.lab = lab
    }

    /// Calls `turn` once: now, or when it is its turn.
    func ask(_ turn: @escaping () -> Void) {
        guard lab.isBusy || !waiting.isEmpty else { return lab.ledger.during(turn) }
        waiting.append(turn)
        scheduleNext()
    }

    private func scheduleNext() {
        guard !isScheduled, !waiting.isEmpty else { return }
        isScheduled = true
        _ = lab.afterRealTime(lab.isBusy ? Self.pause : .zero) { [weak self] in self?.serveNext() }
    }

    private func serveNext() {
        isScheduled = false
        guard !waiting.isEmpty else { return }
        waiting.removeFirst()()
        scheduleNext()
    }
}

extension LabLoop {
    /// Whether the lab is carrying out a command, for which it does not wait for outside programs.
    public var isBusy: Bool { stepper.isBusy }

    /// Does something for an outside program when it is its turn, which may be at once. Loop only.
    public func takeOutsideTurn(_ turn: @escaping () -> Void) {
        outsideTurns.ask(turn)
    }
}
