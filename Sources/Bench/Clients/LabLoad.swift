internal import Cluster

/// The lab's own `load`: commits of one instant, which one client sends without waiting, so that
/// they share fdatasyncs.
final class LabLoad {
    private let lab: Lab
    private var rounds = 0

    /// Commits in one call.
    private static let count = 2_048

    init(_ lab: Lab) {
        self.lab = lab
    }

    func run(_ duration: Duration) throws(BenchFailure) -> Pace {
        let watch = Stopwatch()
        var done = 0
        while watch.elapsed < duration {
            rounds += 1
            do throws(LabFailure) {
                let report = try lab.load(
                    Self.count, prefix: "load\(rounds)",
                    byteCount: InsertStatement.valueByteCount, on: "p"
                ) { _ in .zero }
                if let failure = report.failure { throw failure }
                done += report.acknowledged
            } catch {
                throw .lab("the lab's load ended early: \(error)")
            }
        }
        return Pace(count: done, elapsed: watch.elapsed)
    }
}
