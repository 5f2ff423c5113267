internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WALFormat

extension Session {
    /// `load`: many commits, each its own.
    func load(
        _ count: Int, _ every: LabInterval?, prefix: String, byteCount: Int?
    ) throws(Failure) -> Reply {
        let before = look()
        let command = Command.load(
            count: count, every: every, prefix: prefix, byteCount: byteCount)
        let report = try ask(command) { () throws(LabFailure) in
            try lab.load(
                count, prefix: prefix, byteCount: byteCount ?? 0, on: before.snapshot.primary
            ) { number in every?.offset(ofEvent: number).duration ?? .zero }
        }
        noteKeys(prefix, report.acknowledged)
        if let failure = report.failure {
            throw FailureText(look(), memory, command).failure(failure, after: report)
        }
        return Reply(
            lines: [report.line] + consequences(since: before), json: [report.json])
    }

    private func noteKeys(_ prefix: String, _ count: Int) {
        for number in 1...max(1, min(count, 100)) { keys.note("\(prefix):\(number)") }
    }
}

extension LoadReport {
    fileprivate var line: String {
        var parts = ["\(Words.commits(acknowledged)) acknowledged"]
        if let firstAcknowledged, let lastAcknowledged {
            parts.append(
                firstAcknowledged == lastAcknowledged
                    ? "all at \(firstAcknowledged.text)"
                    : "\(firstAcknowledged.text) to \(lastAcknowledged.text)")
        }
        if let firstLSN, let lastLSN {
            parts.append(
                firstLSN == lastLSN ? "lsn \(lastLSN)" : "lsn \(firstLSN) to \(lastLSN)")
        }
        return parts.joined(separator: ", ")
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "asked": .int(asked), "acknowledged": .int(acknowledged),
            "first_lsn": .optional(firstLSN?.description),
            "last_lsn": .optional(lastLSN?.description),
            "first_acked_at": .optional(firstAcknowledged?.text),
            "last_acked_at": .optional(lastAcknowledged?.text),
        ]
    }
}
