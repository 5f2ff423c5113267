internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage
internal import WALFormat

extension Session {
    /// `restart`: a node comes back from its own disk, by the redo that a replica runs all day.
    func restart(_ node: NodeReference) throws(Failure) -> Reply {
        let before = look()
        let name = before.name(node)
        let report = try ask(.restart(node: node)) { () throws(LabFailure) in
            try lab.restart(name)
        }
        memory.note(.ok, on: name)
        let rest = consequences(since: before) { event in
            event.node == name && (event.isRecovery || event.isAboutReceiving(on: name))
        }
        return Reply(
            lines: ["\(name) is up: \(report.recovery.text)"] + report.recovery.remarks + rest,
            json: [report.json])
    }
}

extension LabEvent {
    /// Recovery read the node's own disk.
    var isRecovery: Bool {
        if case .recovered = kind { true } else { false }
    }
}

extension RecoveryReport {
    /// What recovery did, in a clause.
    var text: String {
        if wasCleanlyStopped { return "it was stopped cleanly, so there was nothing to replay" }
        let replayed = CountText.of(recordsReplayed, "record")
        return "replayed \(replayed) of its own WAL from redo LSN \(redoStart)"
    }

    /// What was not as a clean log and whole pages are, a line each.
    var remarks: [String] {
        logEnd.remarks
            + restoredPages.map { "page \($0.block) was torn: its image in the log restored it" }
            + ignoredDamage.map { "\($0.description.escapedForDisplay); used all the same" }
    }
}

extension LogEnd {
    /// What was cut off at the end of the log, if anything.
    fileprivate var remarks: [String] {
        switch self {
        case .clean: []
        case .tornTail(let lsn): ["the last record, at \(lsn), was there in part: cut off"]
        case .damagedLast(let lsn, _, _):
            ["the last record, at \(lsn), has a wrong checksum: cut off"]
        }
    }
}

extension RestartReport {
    fileprivate var json: JSONValue {
        [
            "node": .string(node), "records_replayed": .int(recovery.recordsReplayed),
            "redo_lsn": .string(recovery.redoStart.description),
            "end_lsn": .string(recovery.end.description),
            "timeline": .int(Int(recovery.timeline.rawValue)),
            "was_clean": .bool(recovery.wasCleanlyStopped),
            "remarks": .array(recovery.remarks.map { .string($0) }),
        ]
    }
}
