/// Base64 as SCRAM writes nonces, salts and proofs (RFC 4648, section 4): with padding, without
/// line ends.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(0) { $0 << 8 | Int($1) }
            bits <<= 8 * (3 - group.count)
            let letters = [18, 12, 6, 0].map { alphabet[bits >> $0 & 63] }
            text += letters.prefix(group.count + 1)
            text += Array(repeating: padding, count: 3 - group.count)
        }
        return text
    }

    /// Nil for what no encoder writes: a foreign character, a wrong length, stray bits at the end.
    static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        var bits = 0
        var bitCount = 0
        for letter in text.prefix(while: { $0 != padding }) {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            bits = (bits << 6 | value) & 0xFFF
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
        }
        return encoded(bytes).elementsEqual(text) ? bytes : nil
    }
}
