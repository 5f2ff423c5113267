internal import CommandLanguage
internal import Storage
internal import WALFormat

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
