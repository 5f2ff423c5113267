import LabClock
import WALFormat

/// The client ledger as a kept lab's file has it: a line for each write, again when its fate has
/// changed, so that the last line about a write counts. Lines are only ever added.
///
/// ```
/// ID TAB node TAB key TAB value TAB asked TAB fate [TAB with ID] [TAB salvaged-by ID]
/// TAB checksum
/// ```
/// An outside program's name comes behind the node's, after a blank. Texts are written as bytes in
/// hexadecimal, behind a colon; `-` is no value. Instants are lab time in nanoseconds. The checksum
/// is the CRC-32C of all the file's bytes before it, so that no line can change, go, or come from
/// elsewhere without a word.
///
/// - Where the file ends is in the lab's note, which is written after it. So the file is never
///   shorter than the note says; what a kill has added behind that counts as far as lines are
///   whole, and a line cut short there is left out.
/// - A lab of a million commits reads it in a second: both ways go over bytes, not over texts.
struct LedgerFile {
    /// A beginning of the file, in whole lines: its bytes and their checksum.
    struct Extent: Hashable {
        var byteCount = 0
        var checksum = CRC32C().checksum
    }

    /// What is not as it was written.
    enum Damage: Error, Hashable, CustomStringConvertible {
        /// The line, from 1.
        case line(Int)
        /// It ends before the note says that it does, or had other lines up to there.
        case end(Extent)

        var description: String {
            switch self {
            case .line(let number): "line \(number) is not as it was written"
            case .end(let extent): "its first \(extent.byteCount) bytes are not those written"
            }
        }
    }

    private var byteCount = 0
    private var checksum = CRC32C()

    /// As far as the file is whole.
    var extent: Extent { Extent(byteCount: byteCount, checksum: checksum.checksum) }

    /// The next lines of the file, about these writes.
    mutating func lines(_ entries: [ClientLedger.Entry]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.count * 80)
        for entry in entries {
            let start = bytes.count
            Self.append(entry, to: &bytes)
            bytes.append(Self.tab)
            take(bytes[start...])
            let middle = bytes.count
            bytes += CRC32C.digits(checksum.checksum).utf8
            bytes.append(Self.newline)
            take(bytes[middle...])
        }
        return bytes
    }

    /// Reads a file of which the note says how far it went at least.
    mutating func read(
        _ bytes: [UInt8], atLeast known: Extent
    ) throws(Damage) -> [ClientLedger.Entry] {
        var entries: [ClientLedger.Entry] = []
        // The nodes' names are few, and each is one text.
        var names: [ArraySlice<UInt8>: String] = [:]
        var count = 0
        var isKnownMet = extent == known
        // What is behind the last line's end is empty, or a line cut short.
        while let end = bytes[byteCount...].firstIndex(of: Self.newline) {
            count += 1
            guard let line = checked(bytes[byteCount...end]),
                let entry = Self.entry(line, &names), entry.id <= entries.count
            else { throw .line(count) }
            if entry.id == entries.count {
                entries.append(entry)
            } else {
                entries[entry.id] = entry
            }
            if extent == known { isKnownMet = true }
        }
        guard isKnownMet else { throw .end(known) }
        return entries
    }

    /// A line without its checksum, if that is right; with its end it is the next of the file.
    private mutating func checked(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let trailer = line.suffix(Self.trailerByteCount)
        let content = line[..<trailer.startIndex]
        guard content.last == Self.tab else { return nil }
        take(content)
        guard trailer.dropLast().elementsEqual(CRC32C.digits(checksum.checksum).utf8) else {
            return nil
        }
        take(trailer)
        return content.dropLast()
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        byteCount += bytes.count
        bytes.withUnsafeBytes { checksum.update($0) }
    }

    /// The checksum's digits and the line's end.
    private static let trailerByteCount = 9
    private static let newline = UInt8(ascii: "\n")
    private static let tab = UInt8(ascii: "\t")
    private static let blank = UInt8(ascii: " ")
    private static let colon = UInt8(ascii: ":")
}

// Writing.
extension LedgerFile {
    private static func append(_ entry: ClientLedger.Entry, to bytes: inout [UInt8]) {
        bytes += "\(entry.id)".utf8
        bytes.append(tab)
        bytes += entry.node.utf8
        if let client = entry.client {
            bytes.append(blank)
            append(text: client, to: &bytes)
        }
        bytes.append(tab)
        append(text: entry.key, to: &bytes)
        bytes.append(tab)
        if let value = entry.value { append(text: value, to: &bytes) } else { bytes += "-".utf8 }
        bytes.append(tab)
        bytes += "\(entry.askedAt.nanoseconds)".utf8
        bytes.append(tab)
        append(entry.fate, to: &bytes)
        if let first = entry.together {
            bytes.append(tab)
            bytes += "with \(first)".utf8
        }
        if let later = entry.salvagedBy {
            bytes.append(tab)
            bytes += "salvaged-by \(later)".utf8
        }
    }

    private static func append(_ fate: ClientLedger.Fate, to bytes: inout [UInt8]) {
        switch fate {
        case .pending: bytes += "pending".utf8
        case .unchanged: bytes += "unchanged".utf8
        case .unknown: bytes += "unknown".utf8
        case .failed(let reason):
            bytes += "failed ".utf8
            append(text: reason, to: &bytes)
        case .acknowledged(let told):
            bytes += "told \(told.timeline) \(told.lsn) \(told.at.nanoseconds)".utf8
            if told.isZombie { bytes += " zombie".utf8 }
        }
    }

    private static func append(text: String, to bytes: inout [UInt8]) {
        bytes.append(colon)
        for byte in text.utf8 {
            bytes.append(digit(byte >> 4))
            bytes.append(digit(byte & 15))
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

// Reading.
extension LedgerFile {
    private static func entry(
        _ line: ArraySlice<UInt8>, _ names: inout [ArraySlice<UInt8>: String]
    ) -> ClientLedger.Entry? {
        let fields = line.split(separator: tab, omittingEmptySubsequences: false)
        guard (6...8).contains(fields.count), let id = number(fields[0]), id >= 0,
            let key = text(fields[2]), let asked = number(fields[4]), let fate = fate(fields[5])
        else { return nil }
        let others = fields.dropFirst(6).compactMap(reference)
        let (first, later) = (others.of("with"), others.of("salvaged-by"))
        let isKnown = [first.map { $0 <= id }, later.map { $0 > id }].compactMap { $0 }
        guard isKnown.count == fields.count - 6, !isKnown.contains(false) else { return nil }
        let isDelete = fields[3].elementsEqual("-".utf8)
        let value = isDelete ? nil : text(fields[3])
        guard value != nil || isDelete else { return nil }
        let route = fields[1].split(separator: blank)
        guard let node = route.first, route.count <= 2 else { return nil }
        let name = names[node] ?? String(decoding: node, as: UTF8.self)
        names[node] = name
        let client = route.count == 2 ? text(route[1]) : nil
        guard client != nil || route.count == 1 else { return nil }
        return ClientLedger.Entry(
            id: id, node: name, client: client, key: key, value: value,
            askedAt: LabInstant(nanoseconds: Int64(asked)), fate: fate,
            together: first, salvagedBy: later)
    }

    /// What a line says of another write: how, and which.
    private static func reference(
        _ field: ArraySlice<UInt8>
    ) -> (how: String, id: ClientLedger.ID)? {
        let words = field.split(separator: blank)
        guard words.count == 2, let id = number(words[1]) else { return nil }
        return (String(decoding: words[0], as: UTF8.self), id)
    }

    private static func fate(_ field: ArraySlice<UInt8>) -> ClientLedger.Fate? {
        let words = field.split(separator: blank)
        switch (words.first.map { String(decoding: $0, as: UTF8.self) }, words.count) {
        // Nobody is left to hear its answer.
        case ("pending"?, 1), ("unknown"?, 1): return .unknown
        case ("unchanged"?, 1): return .unchanged
        case ("failed"?, 2): return text(words[1]).map { .failed($0) }
        case ("told"?, 4...5):
            let isZombie = words.count == 5
            guard !isZombie || words[4].elementsEqual("zombie".utf8),
                let timeline = number(words[1]).flatMap({ UInt32(exactly: $0) }),
                let lsn = position(words[2]), let at = number(words[3])
            else { return nil }
            return .acknowledged(
                .init(
                    lsn: lsn, timeline: Timeline(timeline),
                    at: LabInstant(nanoseconds: Int64(at)), isZombie: isZombie))
        default: return nil
        }
    }

    /// `0/16B3748`
    private static func position(_ text: ArraySlice<UInt8>) -> LSN? {
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")),
            let high = hexadecimal(text[..<slash]), let low = hexadecimal(text[(slash + 1)...])
        else { return nil }
        return LSN(high << 32 | low)
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard (1...8).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(digit)
            guard let value = value(isUpper ? digit + 32 : digit) else { return nil }
            number = number << 4 | UInt64(value)
        }
        return number
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...18).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String? {
        guard field.first == colon, field.count % 2 == 1 else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(field.count / 2)
        var index = field.startIndex + 1
        while index < field.endIndex {
            guard let high = value(field[index]), let low = value(field[index + 1]) else {
                return nil
            }
            text.append(high << 4 | low)
            index += 2
        }
        return String(validating: text, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension [(how: String, id: ClientLedger.ID)] {
    fileprivate func of(_ how: String) -> ClientLedger.ID? { first { $0.how == how }?.id }
}
