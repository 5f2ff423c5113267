/// One of those who take turns: does its work for about as long as it is told, and says how it
/// went.
struct Contestant {
    let name: String
    let run: (_ duration: Duration) throws(BenchFailure) -> Pace

    init(_ name: String, _ run: @escaping (Duration) throws(BenchFailure) -> Pace) {
        self.name = name
        self.run = run
    }
}

/// Contestants who take short turns, A B C A B C, so that what drifts (a disk that slows down, a
/// neighbour that wakes up) hits all of them alike.
struct Contest {
    /// Odd, so that the median is one of the rounds.
    let roundCount: Int
    /// How long each contestant runs in all; one that ships a fixed amount does not heed it.
    let duration: Duration
    let interruption: Interruption
    let tell: (String) -> Void

    /// Runs one round that does not count, then those that do. In the order of the contestants.
    func run(_ contestants: [Contestant]) throws(BenchFailure) -> [Standing] {
        let share = duration / roundCount
        for contestant in contestants {
            tell("warming up: \(contestant.name)")
            _ = try turn(contestant, share / 4)
        }
        var standings = contestants.map { Standing($0.name) }
        for round in 1...roundCount {
            tell("round \(round) of \(roundCount)")
            for (index, contestant) in contestants.enumerated() {
                standings[index].append(try turn(contestant, share))
            }
        }
        return standings
    }

    private func turn(
        _ contestant: Contestant, _ duration: Duration
    ) throws(BenchFailure) -> Pace {
        try interruption.check()
        return try contestant.run(duration)
    }
}

/// The wall clock of a measurement.
struct Stopwatch {
    private let start = ContinuousClock.now

    var elapsed: Duration { ContinuousClock.now - start }
}
