internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import Replication
internal import WALFormat

/// The rows of `slots`, one a slot, and below them, for each node, who makes it keep its oldest
/// byte and how long that can go on. PostgreSQL: `pg_replication_slots`, and no view for the rest.
struct SlotsTable {
    private static let columns: [TextTable.Column] = [
        .text("slot"), .text("node"), .text("used by"), .text("restart_lsn"),
        .text("wal_status"), .number("retained"), .number("safe_wal_size"),
    ]

    private let reports: [RetentionReport]
    private let snapshot: LabSnapshot

    init(_ reports: [RetentionReport], in snapshot: LabSnapshot) {
        self.reports = reports
        self.snapshot = snapshot
    }

    /// The table, then a few lines for each node that has slots or replicas.
    var lines: [String] {
        var table = TextTable(Self.columns)
        for report in reports {
            for slot in report.slots { table.append(slot.cells(on: report.node)) }
        }
        let hasSlots = reports.contains { !$0.slots.isEmpty }
        return (hasSlots ? table.lines : ["there is no slot"])
            + reports.filter(isUpstream).flatMap(forecast)
    }

    /// The members of `nodes`.
    var json: [JSONValue] { reports.map(\.json) }

    /// Whether anybody could need what it keeps.
    private func isUpstream(_ report: RetentionReport) -> Bool {
        guard let node = snapshot[report.node] else { return false }
        let hasReplica = snapshot.members.contains { $0.role == .standby(upstream: node.name) }
        return !node.isStandby || hasReplica || !report.slots.isEmpty
    }

    private func forecast(_ report: RetentionReport) -> [String] {
        var lines = [report.keeping]
        if report.oldest < report.kept {
            lines.append("WAL from \(report.oldest) is still there; the next checkpoint removes it")
        }
        lines += report.slots.compactMap { $0.end(on: report) }
        let endless = report.slots.filter { $0.isEndless(on: report) }.map(\.name)
        if !endless.isEmpty {
            let slots = endless.count == 1 ? "slot" : "slots"
            lines.append(
                "nothing limits \(slots) \(Words.list(endless)): "
                    + "WAL piles up until the disk is full")
        }
        if let left = report.diskByteCountLeft {
            let when = left == 0 ? "" : " after \(CountText.bytes(left)) more"
            lines.append("\(report.node)'s disk is full\(when)")
        }
        return lines + report.unprotected.map { $0.text(on: report.node) }
    }
}

extension RetentionReport {
    /// What it keeps, and for whose sake.
    fileprivate var keeping: String {
        "\(node) keeps WAL from \(kept) on, \(CountText.bytes(pinnedByteCount)), for \(whom)"
    }

    private var whom: String {
        switch holder {
        case .checkpoint: return "its own recovery"
        case .keepSize: return "wal_keep_size"
        case .slot(let name):
            let slot = slots.first { $0.name == name }
            return "slot \(name)" + (slot?.usedBy == nil ? ", which nobody uses" : "")
        }
    }

    fileprivate var json: JSONValue {
        let (word, slot): (String, String?) =
            switch holder {
            case .checkpoint: ("checkpoint", nil)
            case .keepSize: ("wal_keep_size", nil)
            case .slot(let name): ("slot", name)
            }
        return [
            "node": .string(node), "slots": .array(slots.map(\.json)),
            "oldest_lsn": .string(oldest.description), "kept_lsn": .string(kept.description),
            "pinned_by": .string(word), "pinned_by_slot": .optional(slot),
            "pinned_bytes": .int(pinnedByteCount),
            "disk_bytes_left": diskByteCountLeft.map { .int($0) } ?? .null,
            "unprotected": .array(
                unprotected.map {
                    [
                        "replica": .string($0.replica), "needs_lsn": .string($0.needs.description),
                        "is_gone": .bool($0.isGone),
                    ]
                }),
        ]
    }
}

extension RetentionReport.Unprotected {
    fileprivate func text(on node: String) -> String {
        guard !isGone else {
            return "\(replica) needs WAL from \(needs), which \(node) has removed: "
                + "basebackup \(replica)"
        }
        return "\(replica) has no slot: what it needs, from \(needs) on, goes at "
            + "\(node)'s next checkpoint"
    }
}

extension SlotView {
    fileprivate func cells(on node: String) -> [String] {
        [
            name, node, usedBy.map { $0.isEmpty ? "a client" : $0.escapedForDisplay } ?? "-",
            restart?.description ?? "-", status?.rawValue ?? "-",
            heldByteCount.map(String.init) ?? "-", safeByteCount.map(String.init) ?? "-",
        ]
    }

    /// What will become of it, where that is worth a line.
    fileprivate func end(on report: RetentionReport) -> String? {
        if let lostAt, status == .lost {
            return "slot \(name) is lost: it had kept WAL from \(lostAt) on; slot drop \(name)"
                + (report.node == "p" ? "" : " \(report.node)")
        }
        guard let safeByteCount, heldByteCount ?? 0 > 0 else { return nil }
        if safeByteCount <= 0 {
            return "slot \(name) is lost at the next checkpoint (max_slot_wal_keep_size)"
        }
        guard usedBy == nil else { return nil }
        return "slot \(name) is lost at the first checkpoint after "
            + "\(CountText.bytes(safeByteCount)) more (max_slot_wal_keep_size)"
    }

    /// Nobody uses it, and nothing says how much it may keep.
    fileprivate func isEndless(on report: RetentionReport) -> Bool {
        usedBy == nil && restart != nil && report.slotLimitByteCount == nil
    }

    fileprivate var json: JSONValue {
        [
            "name": .string(name), "temporary": .bool(isTemporary),
            "active": .bool(usedBy != nil), "used_by": .optional(usedBy),
            "restart_lsn": .optional(restart?.description),
            "wal_status": .optional(status?.rawValue),
            "retained_bytes": heldByteCount.map { .int($0) } ?? .null,
            "safe_wal_size": safeByteCount.map { .int($0) } ?? .null,
        ]
    }
}
