internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// Where an application's clients go, one node a row, and what they were told there.
struct ClientTable {
    let report: ClientsReport
    /// The lab's nodes, in their order.
    let nodes: [String]
    let now: LabInstant

    /// So many errors are named each by itself.
    private static let errorCount = 6

    var lines: [String] {
        var table = TextTable([
            .text("node"), .number("clients"), .text("until"), .number("ok"),
            .number("failed"), .number("unknown"), .number("zombie"), .text("last ok"),
        ])
        for row in rows {
            table.append(
                [row.node, String(row.clients.count), row.until?.text ?? "-"]
                    + [row.counts.ok, row.counts.failed, row.counts.unknown, row.counts.zombies]
                    .map(String.init) + [row.lastOK?.text ?? "-"])
        }
        return [sentence] + table.lines + strayLines + errorLines
    }

    private var sentence: String {
        let terms = report.terms
        let retry = terms.retry > .zero ? ", \(terms.retry.text) after an error at least" : ""
        return "\(CountText.of(report.clients.count, "client")), each a write every "
            + "\(terms.interval.text)\(retry); \(report.route.kind.text) leads to "
            + report.route.target
    }

    /// Who goes where the route does not lead any more.
    private var strayLines: [String] {
        rows.filter { $0.node != report.route.target && !$0.clients.isEmpty }.flatMap { row in
            let names = row.clients.map(\.name)
            return Words.wrapped(
                "still to \(row.node): \(FoldedNames.ranges(names).joined(separator: ", "))",
                width: 80)
        }
    }

    /// The commonest first.
    private var errorLines: [String] {
        let errors = report.tally.reasons.map { (text: $0.key.text, count: $0.value) }
            .sorted { ($1.count, $0.text) < ($0.count, $1.text) }
        let rest = errors.dropFirst(Self.errorCount).reduce(0) { $0 + $1.count }
        return errors.prefix(Self.errorCount).map { "\($0.count) \($0.text)" }
            + (rest > 0 ? ["\(rest) others"] : [])
    }

    /// A node to which clients go, or have gone.
    fileprivate struct Row {
        let node: String
        let clients: [ClientsReport.Client]
        let counts: ClientTally.Counts
        /// When the last of them asks again where the primary is.
        let until: LabInstant?
        let lastOK: LabInstant?
    }

    private var rows: [Row] {
        nodes.compactMap { node in
            let here = report.clients.filter { $0.node == node }
            let counts = report.tally.byNode[node]
            guard !here.isEmpty || counts != nil else { return nil }
            return Row(
                node: node, clients: here, counts: counts ?? ClientTally.Counts(),
                until: here.compactMap(\.until).max(), lastOK: report.lastOKs[node])
        }
    }

    /// The members of the answer.
    var json: [(String, JSONValue)] {
        [
            ("clients", .int(report.clients.count)),
            ("interval_ms", report.terms.interval.jsonMilliseconds),
            ("retry_ms", report.terms.retry.jsonMilliseconds),
            ("route", .string(report.route.kind.word)),
            ("leads_to", .string(report.route.target)),
            ("nodes", .array(rows.map(\.json))),
            ("each", .array(report.clients.map(\.json))),
        ]
    }
}

extension ClientTable.Row {
    fileprivate var json: JSONValue {
        [
            "node": .string(node), "clients": .int(clients.count), "ok": .int(counts.ok),
            "failed": .int(counts.failed), "unknown": .int(counts.unknown),
            "zombies": .int(counts.zombies),
        ]
    }
}

extension ClientsReport.Client {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "goes_to": .string(node), "until": until?.json ?? .null,
            "ok": .int(counts.ok), "failed": .int(counts.failed),
            "unknown": .int(counts.unknown), "zombies": .int(counts.zombies),
            "last_ok": lastOK?.json ?? .null,
        ]
    }
}
