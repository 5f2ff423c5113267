import LabClock

/// How much longer what leaves at an instant travels than what left before: drawn from the lab's
/// seed by the wire's name, the same in every run.
///
/// The draws repeat after a few, so that a stream that only goes round can be seen to.
struct Jitter: Hashable {
    /// So many draws there are.
    static let count = 8

    /// In thousandths of the most that it may be.
    private let thousandths: [Int]
    private(set) var index = 0

    init(seed: UInt64, wire: String) {
        // FNV-1a, which tells names apart that differ in a letter.
        let hash = wire.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        var draws = SeededDraws(seed: seed ^ hash)
        thousandths = (0..<Self.count).map { _ in draws.number(below: 1001) }
    }

    /// The present draw, of this much at most.
    func extra(of most: Duration) -> Duration {
        .nanoseconds(most.wholeNanoseconds / 1000 * Int64(thousandths[index]))
    }

    /// Goes on to the next draw.
    mutating func next() {
        index = (index + 1) % Self.count
    }
}
