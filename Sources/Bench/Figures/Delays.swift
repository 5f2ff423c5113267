/// How long single pieces of work took.
struct Delays: Hashable, Sendable {
    private var samples: [Duration] = []

    init() {}

    var count: Int { samples.count }

    mutating func append(_ delay: Duration) { samples.append(delay) }

    mutating func append(_ others: Delays) { samples += others.samples }

    /// The shortest time that so many in a hundred did not exceed; zero of none.
    func percentile(_ percent: Int) -> Duration {
        let sorted = samples.sorted()
        let rank = (sorted.count * percent + 99) / 100
        return sorted.isEmpty ? .zero : sorted[max(0, rank - 1)]
    }
}
