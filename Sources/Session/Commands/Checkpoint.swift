internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `checkpoint`: pages go to disk, and recovery has a later place to begin.
    func checkpoint(_ node: NodeReference?) throws(Failure) -> Reply {
        let before = look()
        let report = try ask(.checkpoint(node: node)) { () throws(LabFailure) in
            try lab.checkpoint(before.name(node ?? .primary))
        }
        return Reply(
            lines: report.lines
                + (report.wasNeeded ? consequences(since: before) : events()),
            json: [report.json])
    }
}

extension CheckpointReport {
    fileprivate var lines: [String] {
        let kind = isRestartpoint ? "restartpoint" : "checkpoint"
        if foundDiskFull { return ["no \(kind): the disk of \(node) is full"] }
        return [
            wasNeeded
                ? "\(kind) on \(node): \(CountText.of(pageCount, "page")) written"
                : "nothing to do: \(node) has replayed no checkpoint since the last time",
            "recovery of \(node) would begin at \(redo)",
        ]
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "redo_lsn": .string(redo.description),
            "pages": .int(pageCount), "restartpoint": .bool(isRestartpoint),
            "needed": .bool(wasNeeded), "disk_full": .bool(foundDiskFull),
            "removed_segments": .int(removedSegmentCount),
        ]
    }
}
