import WALFormat
import WireProtocol

// Values in the wire's binary format. PostgreSQL: the `_send` and `_recv` functions.
extension SQLDatum {
    /// As a DataRow carries it; nil is NULL.
    func encoded(as type: Column.DataType, binary: Bool) -> [UInt8]? {
        guard binary else { return text.map { Array($0.utf8) } }
        switch self {
        case .null: return nil
        case .text(let text): return type == .inet ? Self.inet(text) : Array(text.utf8)
        case .bool(let flag): return [flag ? 1 : 0]
        case .bytes(let bytes): return bytes
        case .integer(let number): return Self.bytes(number).suffix(Int(type.size))
        case .numeric(let number): return number.encoded
        case .lsn(let lsn): return Self.bytes(lsn.rawValue)
        case .timestamp(let time): return Self.bytes(time.microseconds)
        case .interval(let interval):
            return Self.bytes(interval.microseconds) + Self.bytes(interval.days)
                + Self.bytes(Int32(0))
        }
    }

    fileprivate static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// Family 2 is IPv4, the only one here; 32 bits; not a network; four bytes.
    private static func inet(_ text: String) -> [UInt8] {
        [2, 32, 0, 4] + text.split(separator: ".").compactMap { UInt8($0) }
    }

    /// A value sent in binary format; nil if the bytes are none of the type, or the lab does not
    /// read the type.
    init?(binary bytes: [UInt8], as type: Column.DataType) {
        switch type {
        case .text, .varchar, .name, .unknown:
            guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                return nil
            }
            self = .text(text)
        case .bool:
            guard bytes.count == 1 else { return nil }
            self = .bool(bytes[0] != 0)
        case .int2, .int4, .int8, .oid:
            guard bytes.count == Int(type.size) else { return nil }
            let isNegative = type != .oid && bytes[0] >= 0x80
            let start: Int64 = isNegative ? -1 : 0
            self = .integer(bytes.reduce(start) { $0 << 8 | Int64($1) })
        case .lsn:
            guard bytes.count == 8 else { return nil }
            self = .lsn(LSN(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
        default:
            return nil
        }
    }
}

extension SQLNumeric {
    /// `Int16 digits, Int16 weight, UInt16 sign, UInt16 scale`, then digits of base 10,000; the
    /// first of them counts ten thousand to the power of the weight.
    fileprivate var encoded: [UInt8] {
        let padding = (4 - scale % 4) % 4
        var rest = unscaled.magnitude &* UInt128(Self.power(padding) ?? 1)
        var groups: [Int16] = []
        while rest > 0 {
            groups.insert(Int16(rest % 10_000), at: 0)
            rest /= 10_000
        }
        let weight = groups.isEmpty ? 0 : groups.count - (scale + padding) / 4 - 1
        while groups.last == 0 { groups.removeLast() }
        let head =
            SQLDatum.bytes(Int16(groups.count)) + SQLDatum.bytes(Int16(weight))
            + SQLDatum.bytes(UInt16(unscaled < 0 ? 0x4000 : 0)) + SQLDatum.bytes(UInt16(scale))
        return groups.reduce(head) { $0 + SQLDatum.bytes($1) }
    }
}
