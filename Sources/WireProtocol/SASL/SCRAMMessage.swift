/// A client's message of a SCRAM exchange, read from its beginning: attributes `x=value`, set apart
/// by commas (RFC 5802, section 5.1). What is wrong with it is said in PostgreSQL's words.
struct SCRAMMessage {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) throws(ServerError) {
        guard !bytes.isEmpty else { throw .malformedSCRAM("The message is empty.") }
        guard !bytes.contains(0) else {
            throw .malformedSCRAM("Message length does not match input length.")
        }
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }
    /// The next character; nil at the end.
    var next: UInt8? { isAtEnd ? nil : bytes[index] }
    var rest: [UInt8] { Array(bytes[index...]) }
    /// Everything that was read so far, without the comma behind it.
    var readSoFar: [UInt8] {
        Array(index > 0 && bytes[index - 1] == Self.comma ? bytes[..<(index - 1)] : bytes[..<index])
    }

    private static let comma = UInt8(ascii: ",")

    mutating func skip() { index += 1 }

    mutating func skipComma() throws(ServerError) {
        guard next == Self.comma else {
            throw .malformedSCRAM("Comma expected, but found character \(quotedNext).")
        }
        skip()
    }

    /// The value of an attribute that must be the next one. PostgreSQL: `read_attr_value`.
    mutating func value(of attribute: Unicode.Scalar) throws(ServerError) -> [UInt8] {
        guard next == UInt8(ascii: attribute) else {
            throw .malformedSCRAM("Expected attribute \"\(attribute)\" but found \(quotedNext).")
        }
        skip()
        return try valueBehindName(attribute)
    }

    /// The next attribute, whatever it is. PostgreSQL: `read_any_attr`.
    mutating func attribute() throws(ServerError) -> (name: Unicode.Scalar, value: [UInt8]) {
        guard let byte = next else {
            throw .malformedSCRAM("Attribute expected, but found end of string.")
        }
        let name = Unicode.Scalar(byte)
        guard name.isASCII, name.properties.isAlphabetic else {
            throw .malformedSCRAM("Attribute expected, but found invalid character \(quotedNext).")
        }
        skip()
        return (name, try valueBehindName(name))
    }

    private mutating func valueBehindName(_ name: Unicode.Scalar) throws(ServerError) -> [UInt8] {
        guard next == UInt8(ascii: "=") else {
            throw .malformedSCRAM("Expected character \"=\" for attribute \"\(name)\".")
        }
        skip()
        let value = bytes[index...].prefix { $0 != Self.comma }
        index = value.endIndex
        if !isAtEnd { skip() }
        return Array(value)
    }

    /// PostgreSQL: `sanitize_char`.
    var quotedNext: String {
        let byte = next ?? 0
        if (0x21...0x7E).contains(byte) { return "\"'\(Character(Unicode.Scalar(byte)))'\"" }
        return "\"0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))\""
    }
}

extension ServerError {
    static func malformedSCRAM(_ detail: String) -> ServerError {
        scram("malformed SCRAM message", detail: detail)
    }

    static func scram(
        _ message: String, code: SQLState = .protocolViolation, detail: String? = nil
    ) -> ServerError {
        ServerError(severity: .fatal, code: code, message: message, detail: detail)
    }
}
