/// What a contestant did in all its rounds. The figure that counts is the median round: one round
/// that something else disturbed does not move it.
struct Standing: Hashable, Sendable {
    let name: String
    private(set) var rounds: [Pace] = []

    init(_ name: String, rounds: [Pace] = []) {
        self.name = name
        self.rounds = rounds
    }

    mutating func append(_ pace: Pace) { rounds.append(pace) }

    /// The median of the rounds, in pieces of work a second; 0 before the first.
    var perSecond: Double { rounds.map(\.perSecond).median ?? 0 }
    /// The slowest round.
    var lowest: Double { rounds.map(\.perSecond).min() ?? 0 }
    /// The fastest round.
    var highest: Double { rounds.map(\.perSecond).max() ?? 0 }
    /// The median time for one piece of work; 0 before the first round.
    var microsecondsEach: Double { perSecond > 0 ? 1_000_000 / perSecond : 0 }
}
