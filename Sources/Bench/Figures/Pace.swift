/// How much work was done in one round, and how long it took.
struct Pace: Hashable, Sendable {
    /// Commits, records or bytes.
    let count: Int
    /// Wall time from the first to the last of them.
    let elapsed: Duration

    /// Pieces of work a second; 0 when no time passed.
    var perSecond: Double {
        let seconds = elapsed.seconds
        return seconds > 0 ? Double(count) / seconds : 0
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension Sequence<Double> {
    /// The middle value; of an even number, the mean of the middle two; of none, nil.
    var median: Double? {
        let sorted = sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1
            ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
