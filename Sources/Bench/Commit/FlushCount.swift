/// How many flushes of the disk the commits of a contestant took, over all its rounds.
final class FlushCount {
    private struct Tally {
        var flushes = 0
        var commits = 0
    }

    private let device: DeviceFlushes
    private var tallies: [String: Tally] = [:]

    init(_ directory: BenchDirectory) throws(BenchFailure) {
        device = try DeviceFlushes(of: directory.path)
    }

    /// The same run, counted under a name.
    func counting(
        _ name: String, _ run: @escaping (Duration) throws(BenchFailure) -> Pace
    ) -> (Duration) throws(BenchFailure) -> Pace {
        { [self] duration throws(BenchFailure) in
            let before = device.count
            let pace = try run(duration)
            if let before, let after = device.count {
                tallies[name, default: Tally()].flushes += after - before
                tallies[name, default: Tally()].commits += pace.count
            }
            return pace
        }
    }

    /// Flushes for one commit; nil where the system does not count them.
    func perCommit(_ name: String) -> Double? {
        guard let tally = tallies[name], tally.commits > 0, tally.flushes > 0 else { return nil }
        return Double(tally.flushes) / Double(tally.commits)
    }
}
