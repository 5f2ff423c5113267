/// Bytes as people read them: 16 a line, in front where they are, behind the ASCII among them.
/// Unix: `hexdump -C`.
enum HexDump {
    private static let bytesPerLine = 16

    /// `  0010  18 01 00 00 …  |........|`: offsets count from the first byte, in hex.
    static func lines(_ bytes: [UInt8]) -> [String] {
        stride(from: 0, to: bytes.count, by: bytesPerLine).map { start in
            let line = bytes[start..<min(start + bytesPerLine, bytes.count)]
            let hex = line.map { digits(Int($0), 2) }.joined(separator: " ")
            let room = String(repeating: " ", count: bytesPerLine * 3 - 1 - hex.utf8.count)
            return "  \(digits(start, 4))  \(hex)\(room)  |\(ascii(line))|"
        }
    }

    /// All bytes in one word: `1801ff`.
    static func text(_ bytes: [UInt8]) -> String {
        bytes.map { digits(Int($0), 2) }.joined()
    }

    private static func ascii(_ bytes: ArraySlice<UInt8>) -> String {
        String(
            decoding: bytes.map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: ".") },
            as: UTF8.self)
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
