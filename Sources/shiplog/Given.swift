import Synchronization

/// One value of an option that may repeat, with its place among all values of such options.
///
/// ArgumentParser collects the values of each option by itself and forgets how two options were
/// mixed. But it reads the command line from left to right and makes each value as it meets it, so
/// counting the values made tells their order.
struct Given: Sendable {
    let text: String
    /// Greater than that of every value to its left.
    let ordinal: Int

    private static let count = Atomic<Int>(0)

    init(_ text: String) {
        self.text = text
        ordinal = Self.count.add(1, ordering: .relaxed).newValue
    }
}
