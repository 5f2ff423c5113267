import Foundation
import LabClock
import Synchronization

/// A thread that does a little work before each answer, as a disk does.
final class Worker: Sendable {
    private let queue = DispatchQueue(label: "worker")

    func submit(_ answer: @escaping @Sendable () -> Void) {
        queue.async {
            var random = SeededDraws(seed: 5)
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
        var random = SeededDraws(seed: 1)
        while !stopped.load(ordering: .relaxed) { _ = random.next() }
    }
    func stop() { stopped.store(true, ordering: .relaxed) }
}
