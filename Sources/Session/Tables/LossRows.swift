internal import Cluster
internal import CommandLanguage
internal import LabClock
internal import WALFormat

/// Lost commits, a row each, within 80 columns: where a row would be longer, texts are cut shorter,
/// and `reached` says how far and leaves out to whom. JSON has it all.
struct LossRows {
    /// How much room a row gives.
    private struct Style {
        let key: Int
        let value: Int
        let client: Int
        let namesReplicas: Bool
    }

    private static let width = 80
    /// From the widest on.
    private static let styles = [
        Style(key: 24, value: 16, client: 12, namesReplicas: true),
        Style(key: 14, value: 12, client: 12, namesReplicas: true),
        Style(key: 14, value: 12, client: 12, namesReplicas: false),
        Style(key: 8, value: 6, client: 8, namesReplicas: false),
        Style(key: 4, value: 2, client: 4, namesReplicas: false),
    ]

    private let lost: [LostRecord]
    /// The lab's own client is named beside others alone.
    private let namesClients: Bool

    init(_ lost: [LostRecord]) {
        self.lost = lost
        namesClients = lost.contains { $0.client != nil }
    }

    /// The heading and the rows.
    var lines: [String] {
        var lines: [String] = []
        for style in namesClients ? Self.styles[1...] : Self.styles[...] {
            lines = self.lines(style)
            if lines.allSatisfy({ DisplayWidth.of($0) <= Self.width }) { break }
        }
        return lines
    }

    private func lines(_ style: Style) -> [String] {
        let columns: [TextTable.Column] =
            [.text("lsn"), .text("key"), .text("value"), .text("acked at")]
            + (namesClients ? [.text("client")] : []) + [.text("reached")]
        return TextTable.shortened(columns, lost.lazy.map { cells($0, style) })
    }

    private func cells(_ record: LostRecord, _ style: Style) -> [String] {
        let program = record.client.map { Words.quoted($0, limit: style.client) } ?? "lab"
        let reached = style.namesReplicas ? record.reached.text : record.reached.stage
        return [
            record.lsn.description, Words.quoted(record.key, limit: style.key),
            record.value.map { Words.quoted($0, limit: style.value) } ?? "(deleted)",
            record.acknowledgedAt.text,
        ] + (namesClients ? [program] : []) + [
            reached + (record.isZombie ? ", zombie" : "")
                + (record.isSalvaged ? ", salvaged" : "")
        ]
    }
}

extension Reach {
    /// In the chapter's words.
    var text: String {
        switch self {
        case .ack: stage
        case .send(let replicas): "\(stage) to \(Words.list(replicas))"
        case .receive(let replicas): "\(stage) by \(Words.list(replicas))"
        }
    }

    /// The same, and not where.
    var stage: String {
        switch self {
        case .ack: "acked only"
        case .send: "sent"
        case .receive: "received"
        }
    }
}
