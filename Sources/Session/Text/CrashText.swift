internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import Storage
internal import WALFormat

/// What a power loss took, in words.
enum CrashText {
    /// The answer of `crash`.
    static func lines(_ report: CrashReport) -> [String] {
        [
            report.wasInBackup
                ? "\(report.node) lost power in the middle of its base backup"
                : "\(report.node) lost power; its disk holds WAL up to \(report.flush)"
        ] + unsynced(report) + wires(report)
    }

    /// It came when a commit had come so far.
    static func event(_ report: CrashReport, after stage: CommitStage, of commit: LSN) -> String {
        let bytes = report.lostOnWire.filter { !$0.isDelivered }.map(\.byteCount).reduce(0, +)
        return "lost power after=\(stage.rawValue) of \(commit)"
            + (bytes > 0 ? "; \(CountText.bytes(bytes)) on the wire died with it" : "")
    }

    /// Only where there was something to lose, or somebody asked.
    private static func unsynced(_ report: CrashReport) -> [String] {
        guard let unsynced = report.unsynced, let survival = unsynced.survival else { return [] }
        guard unsynced.byteCount > 0 else { return ["nothing on its disk was unsynced"] }
        let bytes = CountText.bytes(unsynced.byteCount)
        return ["\(bytes) on its disk \(survival.clause)"]
    }

    private static func wires(_ report: CrashReport) -> [String] {
        report.lostOnWire.filter { $0.byteCount > 0 }.map { loss in
            let bytes = "\(CountText.bytes(loss.byteCount)) of WAL on the wire to "
            return bytes + loss.replica
                + (loss.isDelivered ? " will still arrive" : " died with it")
        }
    }
}

extension Survival {
    /// What became of bytes that were not synced.
    fileprivate var clause: String {
        switch self {
        case .nothing: "were not synced: none survives"
        case .everything: "were not synced: all survive"
        case .prefix: "were not synced: those before some instant survive"
        case .sectors: "were not synced: some sectors survive"
        }
    }
}
