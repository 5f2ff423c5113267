import Foundation
import Synchronization

/// SplitMix64, a small seeded generator.
struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A thread that does a little work before each answer, as a disk does.
final class Worker: Sendable {
    private let queue = DispatchQueue(label: "worker")

    func submit(_ answer: @escaping @Sendable () -> Void) {
        queue.async {
            var random = SplitMix(state: 5)
            for _ in 0..<20_000 { _ = random.next() }
            answer()
        }
    }
}

/// Keeps two threads spinning while `body` runs.
func withBusyCores(_ body: () throws -> Void) rethrows {
    let flag = StopFlag()
    let threads = (0..<2).map { _ in Thread { flag.spin() } }
    threads.forEach { $0.start() }
    defer { flag.stop() }
    try body()
}

private final class StopFlag: Sendable {
    private let stopped = Atomic(false)
    func spin() {
        var random = SplitMix(state: 1)
        while !stopped.load(ordering: .relaxed) { _ = random.next() }
    }
    func stop() { stopped.store(true, ordering: .relaxed) }
}
