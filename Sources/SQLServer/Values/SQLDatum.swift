import WALFormat
import WireProtocol

/// A value while a node computes with it. PostgreSQL: a `Datum` and its null flag.
enum SQLDatum: Hashable {
    case null
    /// Texts, names and addresses.
    case text(String)
    case bool(Bool)
    /// Of `bytea`.
    case bytes([UInt8])
    /// Whole numbers of every width, and object and transaction numbers.
    case integer(Int64)
    case numeric(SQLNumeric)
    case lsn(LSN)
    case timestamp(PostgresTime)
    case interval(SQLInterval)

    init(_ text: String?) { self = text.map(SQLDatum.text) ?? .null }
    init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    init(_ lsn: LSN?) { self = lsn.map(SQLDatum.lsn) ?? .null }
    init(_ time: PostgresTime?) { self = time.map(SQLDatum.timestamp) ?? .null }

    /// As PostgreSQL sends it in text format; nil is NULL.
    var text: String? {
        switch self {
        case .null: nil
        case .text(let text): text
        case .bool(let flag): flag ? "t" : "f"
        case .bytes(let bytes): bytes.hexText
        case .integer(let number): "\(number)"
        case .numeric(let number): number.text
        case .lsn(let lsn): lsn.description
        case .timestamp(let time): SQLClock.text(time)
        case .interval(let interval): interval.text
        }
    }

    /// As a cast to `text` gives it: truth values are written out.
    var castToText: SQLDatum {
        switch self {
        case .null: .null
        case .bool(let flag): .text(flag ? "true" : "false")
        case .text, .bytes, .integer, .numeric, .lsn, .timestamp, .interval: SQLDatum(text)
        }
    }

    /// A number of either kind.
    var number: SQLNumeric? {
        switch self {
        case .integer(let number): SQLNumeric(Int128(number))
        case .numeric(let number): number
        case .null, .text, .bool, .bytes, .lsn, .timestamp, .interval: nil
        }
    }

    var isTrue: Bool { self == .bool(true) }

    /// Whether it comes before another value of its type; NULL comes last. Texts are compared
    /// byte by byte, as in the collation C.
    func precedes(_ other: SQLDatum) -> Bool {
        switch (self, other) {
        case (.null, _): false
        case (_, .null): true
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.bool(let left), .bool(let right)): !left && right
        case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
        case (.integer(let left), .integer(let right)): left < right
        case (.lsn(let left), .lsn(let right)): left < right
        case (.timestamp(let left), .timestamp(let right)): left < right
        case (.interval(let left), .interval(let right)): left < right
        case (.text, _), (.bool, _), (.bytes, _), (.integer, _), (.numeric, _), (.lsn, _),
            (.timestamp, _),
            (.interval, _):
            // Numbers of two kinds; the types of everything else were made equal before.
            number.flatMap { left in other.number.map { left < $0 } } ?? false
        }
    }
}

extension [UInt8] {
    /// As `bytea` is written: `\x`, then two digits a byte. PostgreSQL: `byteaout`.
    fileprivate var hexText: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        text.reserveCapacity(2 + 2 * count)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
