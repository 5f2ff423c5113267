internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WALFormat

/// Every write of a client by what the client was told and by what became of it; then the ghosts,
/// what is lost and where it still is, and each promotion's loss beside what could have been known
/// of it before.
struct LossMatrix {
    private static let width = 80

    private let report: LossReport

    init(_ report: LossReport) { self.report = report }

    var lines: [String] { counts + ghostLines + lostLines + boundLines }

    /// The members of the answer's object, beside the ledger's.
    var members: [(String, JSONValue)] {
        let rows = self.rows.map { row -> (String, JSONValue) in
            (row.name, ["survived": .int(row.survived), "lost": .int(row.lost)])
        }
        return [
            ("matrix", .members(rows)),
            ("ghosts", .array(ghosts.map(\.json))),
        ]
    }

    private var rows: [(name: String, told: String, survived: Int, lost: Int)] {
        let known = report.unknown.count(where: \.survived)
        let failed = report.failedGhosts.count
        return [
            ("acked", "OK", report.survivedCount, report.lost.count),
            ("unacked", "an error", failed, report.failedCount - failed),
            ("unknown", "nothing", known, report.unknown.count - known),
        ]
    }

    private var counts: [String] {
        var table = TextTable([
            .text("writes"), .text("client was told"), .number("survived"), .number("lost"),
        ])
        for row in rows { table.append([row.name, row.told, "\(row.survived)", "\(row.lost)"]) }
        return table.lines
    }

    /// In the order in which they were asked for.
    private var ghosts: [UnconfirmedWrite] {
        let all = report.unknown.filter(\.survived) + report.failedGhosts
        return all.enumerated().sorted { ($0.1.askedAt, $0.0) < ($1.1.askedAt, $1.0) }.map(\.1)
    }

    private var ghostLines: [String] {
        let ghosts = ghosts
        guard !ghosts.isEmpty else { return ["no ghosts"] }
        let count = CountText.of(ghosts.count, "ghost")
        let columns: [TextTable.Column] = [
            .text("lsn"), .text("key"), .text("value"), .text("asked at"), .text("told"),
        ]
        return ["\(count), on \(report.survivor) though no client was told OK:"]
            + TextTable.shortened(columns, ghosts.lazy.map(\.cells))
    }

    private var lostLines: [String] {
        guard !report.lost.isEmpty else { return ["nothing is lost"] }
        var lines: [String] = []
        for (key, value) in [(24, 16), (14, 12), (8, 6), (4, 2)] {
            lines = TextTable.shortened(
                [
                    .text("lsn"), .text("key"), .text("value"), .text("acked at"), .text("reached"),
                    .text("still on"),
                ], report.lost.lazy.map { $0.cells(key: key, value: value) })
            if lines.allSatisfy({ DisplayWidth.of($0) <= Self.width }) { break }
        }
        return ["lost:"] + lines
    }

    private var boundLines: [String] {
        guard !report.failovers.isEmpty else { return [] }
        let columns: [TextTable.Column] = [
            .text("promotion"), .number("lost"), .number("lag at death"), .number("off by"),
            .number("monitor saw"), .number("off by"),
        ]
        return TextTable.shortened(columns, report.failovers.lazy.map(\.boundCells))
            + ["bytes/commits of WAL; off by: bytes lost beyond that lag"]
    }
}

extension UnconfirmedWrite {
    fileprivate var cells: [String] {
        [
            commit?.lsn.description ?? "-", Words.quoted(key, limit: 14),
            value.map { Words.quoted($0, limit: 12) } ?? "(deleted)", askedAt.text,
            error == nil ? "nothing" : "an error",
        ]
    }
}

extension LostRecord {
    fileprivate func cells(key keyLimit: Int, value valueLimit: Int) -> [String] {
        [
            lsn.description, Words.quoted(key, limit: keyLimit),
            value.map { Words.quoted($0, limit: valueLimit) } ?? "(deleted)", acknowledgedAt.text,
            reached.stage, stillOn,
        ]
    }

    /// `p`, `p (log), r1`; names that follow each other are folded.
    private var stillOn: String {
        let logs = disks.filter { !tables.contains($0) }
        let names = FoldedNames.ranges(tables) + FoldedNames.ranges(logs).map { "\($0) (log)" }
        guard !names.isEmpty else { return "no disk" }
        return names.count > 2 ? CountText.of(disks.count, "disk") : names.joined(separator: ", ")
    }
}

extension Failover {
    fileprivate var boundCells: [String] {
        [
            "\(node), tli \(timeline)", bounds.lost.text, bounds.atDeath.text,
            offBy(bounds.atDeath), bounds.seenByMonitor.text, offBy(bounds.seenByMonitor),
        ]
    }

    private func offBy(_ bound: LossBounds.Distance?) -> String {
        guard let bound, let lost = bounds.lost else { return "-" }
        let difference = lost.bytes - bound.bytes
        return difference > 0 ? "+\(difference)" : "\(difference)"
    }
}

extension LossBounds.Distance? {
    fileprivate var text: String {
        guard let self else { return "-" }
        return self.commits.map { "\(self.bytes)/\($0)" } ?? "\(self.bytes)"
    }
}
