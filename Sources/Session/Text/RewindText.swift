internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import Replication
internal import Storage
internal import WALFormat

/// Rewinds in sentences.
enum RewindText {
    /// What would be done.
    static func plan(_ report: RewindReport) -> [String] {
        head(report) + [
            "would copy \(pages(report)), then \(report.source)'s log from "
                + "\(report.summary.plan.redo)"
        ] + goes(report.discarded, "would be gone") + ["nothing was changed"]
    }

    /// What was done.
    static func lines(_ report: RewindReport, streams: Bool) -> [String] {
        let summary = report.summary
        let replayed = CountText.of(report.recovery?.recordsReplayed ?? 0, "record")
        let took = report.took > .zero ? ["it took \(report.took.text) of lab time"] : []
        let last =
            streams
            ? "\(report.node) streams from \(report.source)"
            : "\(report.node) follows \(report.source), and does not stream yet"
        return head(report) + [
            "copied \(pages(report)): \(CountText.bytes(summary.byteCount)) of files, "
                + "\(CountText.bytes(summary.walByteCount)) of log",
            "replayed \(replayed) from \(summary.plan.redo); "
                + "consistent at \(summary.end?.description ?? "-")",
        ] + goes(report.discarded, "gone") + took + [last]
    }

    /// Where the logs parted.
    private static func head(_ report: RewindReport) -> [String] {
        let plan = report.summary.plan
        return [
            "\(report.node)'s log leaves \(report.source)'s at \(plan.fork), "
                + "and goes on for \(CountText.bytes(plan.ownEnd - plan.fork))",
            "last common checkpoint: \(plan.checkpoint), redo LSN \(plan.redo)",
        ]
    }

    private static func pages(_ report: RewindReport) -> String {
        "\(report.summary.blockCount) of \(CountText.of(report.summary.pageCount, "page"))"
    }

    /// Commits that no disk has then.
    static func goes(_ records: [LostRecord], _ what: String) -> [String] {
        guard !records.isEmpty else { return [] }
        return ["\(what): \(list(records))"]
    }

    /// How many, and the first of their keys.
    static func list(_ records: [LostRecord]) -> String {
        let keys = records.prefix(3).map { Words.quoted($0.key, limit: 16) }
        let rest =
            records.count > keys.count ? [CountText.of(records.count - keys.count, "other")] : []
        return "\(CountText.of(records.count, "acknowledged write")) "
            + "(\(Words.list(keys + rest)))"
    }
}

extension FailureText {
    /// What a rewind, or a base backup, would wipe.
    func wouldDiscard(_ name: String, _ records: [LostRecord]) -> Failure {
        Failure(
            "only \(name)'s disk still has \(RewindText.list(records))",
            advice: "salvage \(name), or the same with --discard")
    }

    func rewind(_ name: String, _ source: String, _ failure: RewindFailure) -> Failure {
        switch failure {
        case .isOwnSource where name == standing.snapshot.primary:
            Failure(
                "\(name) is the primary: there is no other log to bring it back to",
                advice: "promote a replica first")
        case .isOwnSource:
            Failure("\(name) cannot be rewound from itself", advice: "rewind \(name)")
        case .refused(let refusal): refused(name, source, refusal)
        case .sourceLacksLog(let start, let isTouched):
            Failure(
                "\(source) has removed its log from \(start) on"
                    + (isTouched ? "; \(name) is half rewound" : ""),
                advice: "basebackup \(name) from \(source)")
        case .broken(let reason, let isTouched):
            Failure(
                "the rewind of \(name) broke off: \(reason.description.escapedForDisplay)"
                    + (isTouched ? "; it does not start until it is run again" : ""),
                advice: standing.snapshot[name]?.link?.isCut ?? false
                    ? "heal \(name); rewind \(name) from \(source)"
                    : "rewind \(name) from \(source)")
        }
    }

    private func refused(_ name: String, _ source: String, _ refusal: RewindRefusal) -> Failure {
        switch refusal {
        case .nothingToRewind(let end):
            Failure(
                "nothing to rewind: \(name)'s log ends at \(end), and \(source)'s goes on there",
                advice: "follow \(name) \(source)")
        case .notADescendant(let theirs, let own):
            Failure(
                "\(source) never left \(name)'s timeline: it is on \(theirs), \(name) on \(own)",
                advice: standing.snapshot.primary == source
                    ? "follow \(name) \(source)"
                    : "rewind \(name) from \(standing.snapshot.primary)")
        case .otherCluster:
            Failure(
                "\(name) and \(source) are not of one cluster",
                advice: "basebackup \(name) from \(source)")
        case .missingWAL(let position):
            Failure(
                "\(name) has no log from the last common checkpoint before \(position) on",
                advice: "basebackup \(name) from \(source)")
        case .unreadable(let reason):
            Failure(
                "\(name)'s files cannot be read: \(reason.description.escapedForDisplay)",
                advice: "basebackup \(name) from \(source)")
        }
    }
}
