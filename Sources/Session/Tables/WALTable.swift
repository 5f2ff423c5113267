internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Storage
internal import TableFormat
internal import WALFormat

/// Records of a log, a row each: where, how long, whose, and what they say. PostgreSQL:
/// `pg_waldump`.
struct WALTable {
    private let records: [WALLine]
    /// Whether each row is followed by its record's bytes.
    private let raw: Bool

    init(_ records: [WALLine], raw: Bool) {
        self.records = records
        self.raw = raw
    }

    /// The heading and the rows.
    var lines: [String] {
        var table = TextTable([.text("lsn"), .number("length"), .number("xid"), .text("what")])
        for line in records { table.append(line.cells) }
        guard raw else { return table.lines }
        let rows = zip(table.lines.dropFirst(), records)
        return table.lines.prefix(1) + rows.flatMap { [$0] + HexDump.lines($1.bytes) }
    }
}

extension WALLine {
    fileprivate var cells: [String] {
        let xid = record.xid == .invalid ? "-" : String(record.xid.rawValue)
        let changes = transaction.flatMap(\.text).map { ": " + $0 } ?? ""
        return [start.description, String(bytes.count), xid, record.what + changes]
    }

    /// The object of one record, if `raw` with its bytes in hex.
    func json(raw: Bool) -> JSONValue {
        let members: [(String, JSONValue)] =
            [
                ("lsn", .string(start.description)), ("end", .string(end.description)),
                ("length", .int(bytes.count)), ("xid", .int(Int(record.xid.rawValue))),
                ("rmgr", .string(ResourceManager.name(for: record.resourceManager))),
                ("timeline", .int(Int(timeline.rawValue))), ("what", .string(record.what)),
                ("pages", .array(record.blocks.map(\.json))),
            ] + (transaction.map { [("changes", $0.json)] } ?? [])
        return .members(members + (raw ? [("raw", .string(HexDump.text(bytes)))] : []))
    }

    /// The record's own bytes, as they are in the segment files and as pg_waldump counts them:
    /// without the padding behind it, and without the page headers that a record has in its middle
    /// where it runs over the start of a page.
    fileprivate var bytes: [UInt8] { record.encoded() }
}

extension WALRecord {
    /// What it says, in a few words.
    fileprivate var what: String {
        switch body {
        case .checkpoint(let checkPoint, let shutdown):
            "CHECKPOINT \(shutdown ? "shutdown" : "online"), redo \(checkPoint.redo)"
        case .endOfRecovery(_, let timeline, let previous):
            "END OF RECOVERY timeline \(previous) -> \(timeline)"
        case .switchSegment: "SWITCH"
        case .noop: "NOOP"
        case .commit(let time): "COMMIT \(LabTime.instant(time).text)"
        case .abort(let time): "ABORT \(LabTime.instant(time).text)"
        case .generic(let blocks): blocks.map(\.what).joined(separator: "; ")
        case .logicalMessage(_, let prefix, _) where removalHorizon != nil:
            "MESSAGE \(prefix), up to transaction \(removalHorizon?.rawValue ?? 0)"
        case .logicalMessage(_, let prefix, let content):
            "MESSAGE \(Words.quoted(prefix, limit: 20)), \(CountText.bytes(content.count))"
        case .other:
            fullPageWrites ?? endOfBackup ?? running
                ?? "\(ResourceManager.name(for: resourceManager)) record"
        }
    }

    /// The transactions that were open: PostgreSQL's XLOG_RUNNING_XACTS.
    private var running: String? {
        runningTransactions.map { running in
            let open = running.open.map { String($0.rawValue) }
            let which = open.isEmpty ? "none" : Words.list(open)
            return "RUNNING TRANSACTIONS \(which), next \(running.next.rawValue)"
        }
    }

    private var endOfBackup: String? {
        endedBackup.map { "END OF BACKUP that began at \($0)" }
    }

    /// A change of that setting: PostgreSQL's XLOG_FPW_CHANGE.
    private var fullPageWrites: String? {
        guard resourceManager == ResourceManager.xlog, info & 0xF0 == 0x80, mainData.count == 1
        else { return nil }
        return "full_page_writes \(mainData[0] == 0 ? "off" : "on")"
    }
}

extension BlockReference {
    /// The page and what the record does to it: of several patches the largest, the row's bytes.
    fileprivate var what: String {
        if let image {
            let bytes = CountText.bytes(image.bytes.count)
            let plain = image.compression.map { " (\($0.name), of \(image.plainByteCount))" } ?? ""
            return "kv page \(block)\(willInitialize ? " new" : ""), full image \(bytes)\(plain)"
        }
        return "kv page \(block): \(Self.text((try? PagePatch.decode(data)) ?? []))"
    }

    /// The page, its image's length if it has one, and the patches.
    fileprivate var json: JSONValue {
        let patches = image == nil ? (try? PagePatch.decode(data)) ?? [] : []
        return [
            "block": .int(Int(block)), "image_bytes": image.map { .int($0.bytes.count) } ?? .null,
            "patches": .array(
                patches.map { ["offset": .int($0.offset), "length": .int($0.bytes.count)] }),
        ]
    }

    private static func text(_ patches: [PagePatch]) -> String {
        let count = CountText.of(patches.count, "patch", plural: "patches")
        guard let largest = patches.max(by: { $0.bytes.count < $1.bytes.count }) else {
            return count
        }
        let rest = patches.reduce(-largest.bytes.count) { $0 + $1.bytes.count }
        return "\(count), \(CountText.bytes(largest.bytes.count)) at \(largest.offset)"
            + (rest > 0 ? " and \(rest) elsewhere" : "")
    }
}

// What a COMMIT commits.
extension WALOnDisk.Transaction {
    /// So many columns of a row are left for it.
    private static let room = 34

    /// `pay:1 = 100`, `a = 1, b = 2`, `k:1 = 1 and 44 more`; nil: nothing.
    fileprivate var text: String? {
        let rest = isComplete ? "" : ", ..."
        let all = changes.prefix(6).map { $0.text(key: 14, value: 10) }.joined(separator: ", ")
        guard let first = changes.first else { return isComplete ? nil : "..." }
        if changes.count <= 6, DisplayWidth.of(all + rest) <= Self.room { return all + rest }
        guard changes.count > 1 else { return first.text(key: 8, value: 4) + rest }
        return first.text(key: 6, value: 3) + " and \(changes.count - 1) more" + rest
    }

    fileprivate var json: JSONValue {
        .array(changes.map { ["key": .string($0.key), "value": .optional($0.value)] })
    }
}

extension WALOnDisk.Change {
    fileprivate func text(key keyLimit: Int, value valueLimit: Int) -> String {
        "\(Words.quoted(key, limit: keyLimit)) = "
            + (value.map { Words.quoted($0, limit: valueLimit) } ?? "(deleted)")
    }
}
