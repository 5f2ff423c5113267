internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// What promotions would do, side by side: `promote --dry-run`.
struct OutlookTable {
    let primary: String
    let outlooks: [PromotionOutlook]

    var lines: [String] {
        var table = TextTable([
            .text("replica"), .text("goes on from"), .number("tli"), .number("loses"),
            .text("would follow"), .text("could not"),
        ])
        for outlook in outlooks {
            table.append([
                outlook.node, outlook.fork.description, outlook.timeline.description,
                outlook.cost.map(String.init) ?? "not known",
                outlook.followers.isEmpty ? "nobody" : Words.list(outlook.followers),
                outlook.strays.isEmpty ? "-" : Words.list(outlook.strays.map(\.name)),
            ])
        }
        return table.lines + outlooks.flatMap(remarks)
            + ["'loses' counts commits of \(primary); nothing was changed"]
    }

    private func remarks(_ outlook: PromotionOutlook) -> [String] {
        let parted = "\(outlook.node)'s log has parted from \(primary)'s: it has commits of its own"
        return (outlook.hasParted ? [parted] : [])
            + outlook.strays.map {
                "\($0.name) could not follow \(outlook.node): it has WAL to \($0.end)"
            }
    }

    var json: JSONValue {
        [
            "dry_run": .bool(true), "primary": .string(primary),
            "candidates": .array(outlooks.map(\.json)),
        ]
    }
}

extension PromotionOutlook {
    fileprivate var json: JSONValue {
        [
            "replica": .string(node), "lsn": .string(fork.description),
            "timeline": .int(Int(timeline.rawValue)), "commits": cost.map { .int($0) } ?? .null,
            "parted": .bool(hasParted),
            "would_follow": .array(followers.map { .string($0) }),
            "could_not": .array(
                strays.map { ["name": .string($0.name), "lsn": .string($0.end.description)] }),
        ]
    }
}
