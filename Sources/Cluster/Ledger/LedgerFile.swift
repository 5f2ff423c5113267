import LabClock
import WALFormat

/// The client ledger as a kept lab's file has it: a line for each write, again when its fate has
/// changed, so that the last line about a write counts. Lines are only ever added.
///
/// ```
/// ID TAB node TAB key TAB value TAB asked TAB fate
/// ```
/// Texts are written as bytes in hexadecimal, behind a colon; `-` is no value. Instants are lab
/// time in nanoseconds. A line that a kill has cut short at the end is left out.
enum LedgerFile {
    /// The lines about these writes.
    static func lines(_ entries: [ClientLedger.Entry]) -> [UInt8] {
        entries.flatMap { entry in
            let fields = [
                "\(entry.id)", entry.node, hex(entry.key), entry.value.map(hex) ?? "-",
                "\(entry.askedAt.nanoseconds)", fate(entry.fate),
            ]
            return Array((fields.joined(separator: "\t") + "\n").utf8)
        }
    }

    /// Reads a file; nil: it is damaged.
    static func read(_ bytes: [UInt8]) -> [ClientLedger.Entry]? {
        var entries: [ClientLedger.Entry] = []
        var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
        // What is behind the last line's end is empty, or a line cut short.
        _ = lines.popLast()
        for line in lines {
            guard let entry = entry(String(decoding: line, as: UTF8.self)),
                entry.id <= entries.count
            else { return nil }
            if entry.id == entries.count {
                entries.append(entry)
            } else {
                entries[entry.id] = entry
            }
        }
        return entries
    }

    private static func entry(_ line: String) -> ClientLedger.Entry? {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 6, let id = Int(fields[0]), id >= 0, let key = text(fields[2]),
            let asked = Int64(fields[4]), let fate = fate(fields[5])
        else { return nil }
        let value = fields[3] == "-" ? nil : text(fields[3])
        guard value != nil || fields[3] == "-" else { return nil }
        return ClientLedger.Entry(
            id: id, node: String(fields[1]), key: key, value: value,
            askedAt: LabInstant(nanoseconds: asked), fate: fate)
    }

    private static func fate(_ fate: ClientLedger.Fate) -> String {
        switch fate {
        case .pending: "pending"
        case .unchanged: "unchanged"
        case .unknown: "unknown"
        case .failed(let reason): "failed " + hex(reason)
        case .acknowledged(let told):
            "told \(told.timeline) \(told.lsn) \(told.at.nanoseconds)"
        }
    }

    private static func fate(_ text: Substring) -> ClientLedger.Fate? {
        let words = text.split(separator: " ")
        switch (words.first, words.count) {
        // Nobody is left to hear its answer.
        case ("pending"?, 1), ("unknown"?, 1): return .unknown
        case ("unchanged"?, 1): return .unchanged
        case ("failed"?, 2): return self.text(words[1]).map { .failed($0) }
        case ("told"?, 4):
            guard let timeline = UInt32(words[1]), let lsn = LSN(words[2]),
                let at = Int64(words[3])
            else { return nil }
            return .acknowledged(
                .init(lsn: lsn, timeline: Timeline(timeline), at: LabInstant(nanoseconds: at)))
        default: return nil
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hex(_ text: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: ":")]
        for byte in text.utf8 { bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func text(_ hex: Substring) -> String? {
        let bytes = Array(hex.utf8)
        guard bytes.first == UInt8(ascii: ":"), bytes.count % 2 == 1 else { return nil }
        var text: [UInt8] = []
        for index in stride(from: 1, to: bytes.count, by: 2) {
            guard let high = digits.firstIndex(of: bytes[index]),
                let low = digits.firstIndex(of: bytes[index + 1])
            else { return nil }
            text.append(UInt8(high << 4 | low))
        }
        return String(validating: text, as: UTF8.self)
    }
}
