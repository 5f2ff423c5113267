/// Draws from a seed: the same numbers on every machine, in every version of Swift. SplitMix64.
///
/// Whatever looks like chance in the lab and in its tests is drawn here. `number(below:)` and
/// `pick(_:)` promise the same for all time; what the standard library makes of a generator
/// (`shuffled(using:)` and its like) may change with it.
package struct SeededDraws: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A number from 0 up to, and without, `limit`; 0 where there is no other choice.
    package mutating func number(below limit: Int) -> Int {
        Int(truncatingIfNeeded: (next() >> 1) % UInt64(max(1, limit)))
    }

    /// True once in `count` times.
    package mutating func isOne(in count: Int) -> Bool { number(below: count) == 0 }

    /// One of the elements; the collection must not be empty.
    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        precondition(!elements.isEmpty, "nothing to pick from")
        return elements[number(below: elements.count)]
    }
}
