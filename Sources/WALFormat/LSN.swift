/// A byte position in the write-ahead log, counted from the log's beginning. Page headers count
/// too. PostgreSQL: `XLogRecPtr`; printed as `%X/%X`.
///
/// - Arithmetic saturates at both ends, so that a position a peer sent can never trap us.
public struct LSN: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The position in bytes.
    public let rawValue: UInt64

    /// "No position", as in the previous-link of the very first record.
    public static let invalid = LSN(0)

    /// The position `rawValue` bytes into the log.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Reads PostgreSQL's text form: two hexadecimal halves of one to eight digits, `0/16B3748`.
    public init?(_ text: some StringProtocol) {
        let halves = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard halves.count == 2, let high = UInt32(hexadecimal: halves[0]),
            let low = UInt32(hexadecimal: halves[1])
        else { return nil }
        self.init(UInt64(high) << 32 | UInt64(low))
    }

    /// PostgreSQL's text form, such as `0/16B3748`.
    public var description: String {
        let high = String(rawValue >> 32, radix: 16, uppercase: true)
        return high + "/" + String(rawValue & 0xFFFF_FFFF, radix: 16, uppercase: true)
    }

    /// The position `bytes` further on (or back), stopping at either end of the number range.
    public func advanced(by bytes: Int) -> LSN {
        let distance = UInt64(bytes.magnitude)
        let (sum, overflow) =
            bytes >= 0
            ? rawValue.addingReportingOverflow(distance)
            : rawValue.subtractingReportingOverflow(distance)
        return overflow ? LSN(bytes >= 0 ? .max : 0) : LSN(sum)
    }

    /// The position rounded up to a multiple of 8, where a record may start. PostgreSQL:
    /// `MAXALIGN`.
    public var aligned: LSN {
        LSN(advanced(by: 7).rawValue & ~7)
    }

    /// The bytes from `right` to `left`, negative when `left` is the earlier one.
    public static func - (left: LSN, right: LSN) -> Int {
        left >= right
            ? Int(clamping: left.rawValue - right.rawValue)
            : -Int(clamping: right.rawValue - left.rawValue)
    }

    /// Whether `left` is nearer to the log's beginning.
    public static func < (left: LSN, right: LSN) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension UInt32 {
    /// One to eight hexadecimal digits and nothing else; `UInt32(_:radix:)` would also take a sign.
    init?(hexadecimal digits: some Collection<UInt8>) {
        guard (1...8).contains(digits.count) else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(digit - 48)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(digit - 55)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(digit - 87)
            default: return nil
            }
        }
        self = value
    }
}
