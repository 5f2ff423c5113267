internal import WireProtocol

/// The measured statement: one row with a value of fixed size, a new key each time.
///
/// The request is encoded once; only the digits of the key change, so that the client's own work
/// does not count.
struct InsertStatement {
    /// Bytes of the value, as the chapter's records have them.
    static let valueByteCount = 200
    private static let digitCount = 12

    private(set) var request: [UInt8]
    private let digits: Range<Int>
    private var number: Int

    /// Keys count up from `client` * 10^7, so that clients do not meet.
    init(client: Int) {
        number = client * 10_000_000
        let zeros = String(repeating: "0", count: Self.digitCount)
        let bytes = FrontendMessage.query(Self.text(key: "k" + zeros)).encoded()
        // Behind type and length, which may hold a byte of that value too.
        let start = bytes[5...].firstIndex(of: UInt8(ascii: "0")) ?? 0
        request = bytes
        digits = start..<start + Self.digitCount
    }

    /// The request for the next key.
    mutating func next() -> [UInt8] {
        number += 1
        var rest = number
        for index in digits.reversed() {
            request[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return request
    }

    /// The statement with a key, for every client alike.
    static func text(key: String) -> String {
        "INSERT INTO kv(key, value) VALUES ('\(key)', '\(value)') "
            + "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    }

    static var value: String { String(repeating: "x", count: valueByteCount) }
}
