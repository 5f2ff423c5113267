/// What an ErrorResponse or NoticeResponse says: a list of `field byte, text\0`, then `\0`.
///
/// Programs read `code` and `message`; people read `hint`. Unknown fields of a newer server are
/// dropped on decoding, as the protocol asks.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// How bad it is; FATAL and PANIC end the session.
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// The statement failed.
        case error = "ERROR"
        /// The session ends.
        case fatal = "FATAL"
        /// The server ends.
        case panic = "PANIC"
        /// The statement did something doubtful.
        case warning = "WARNING"
        /// Worth knowing.
        case notice = "NOTICE"
        /// For developers.
        case debug = "DEBUG"
        /// Asked for by the client.
        case info = "INFO"
        /// For the server's log.
        case log = "LOG"
    }

    /// As `psql` shows it.
    public var description: String { "\(severity.rawValue):  \(message)" }

    /// The fields that say where an error arose; the lab decodes and shows them, and seldom sends
    /// them.
    public enum ContextField: UInt8, Hashable, Sendable, CaseIterable {
        /// `W`, the call stack.
        case context = 0x57
        /// `p`, a position in `internalQuery`.
        case internalPosition = 0x70
        /// `q`, the statement the server made itself.
        case internalQuery = 0x71
        /// `s`
        case schema = 0x73
        /// `t`
        case table = 0x74
        /// `c`
        case column = 0x63
        /// `d`
        case dataType = 0x64
        /// `n`
        case constraint = 0x6E
        /// `F`, the source file.
        case file = 0x46
        /// `L`, its line.
        case line = 0x4C
        /// `R`, the C function.
        case routine = 0x52
    }

    /// How bad it is.
    public var severity: Severity
    /// What programs act upon.
    public var code: SQLState
    /// One line, no full stop, no capital: PostgreSQL's style.
    public var message: String
    /// More about this case.
    public var detail: String?
    /// What to do instead.
    public var hint: String?
    /// Where in the query text, in characters from 1.
    public var position: Int?
    /// Where it arose, in the server's terms.
    public var context: [ContextField: String]

    /// An error from its parts.
    public init(
        severity: Severity = .error, code: SQLState, message: String, detail: String? = nil,
        hint: String? = nil, position: Int? = nil, context: [ContextField: String] = [:]
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
        self.context = context
    }
}

extension ServerError {
    init(from reader: inout ByteReader) throws(Malformation) {
        self.init(code: .internalError, message: "")
        while true {
            let field = try reader.integer(UInt8.self)
            if field == 0 { return }
            take(field, try reader.cString())
        }
    }

    func write(to writer: inout FrameWriter) {
        func field(_ letter: Unicode.Scalar, _ text: String?) {
            guard let text else { return }
            writer.integer(UInt8(ascii: letter))
            writer.cString(text)
        }
        field("S", severity.rawValue)
        field("V", severity.rawValue)
        field("C", code.code)
        field("M", message)
        field("D", detail)
        field("H", hint)
        field("P", position.map(String.init))
        for key in ContextField.allCases {
            field(Unicode.Scalar(key.rawValue), context[key])
        }
        writer.integer(UInt8(0))
    }

    /// `S` may be translated, so `V`, which comes after it and never is, wins.
    private mutating func take(_ field: UInt8, _ text: String) {
        switch Unicode.Scalar(field) {
        case "S", "V": severity = Severity(rawValue: text) ?? severity
        case "C": code = SQLState(text)
        case "M": message = text
        case "D": detail = text
        case "H": hint = text
        case "P": position = Int(text)
        default: if let key = ContextField(rawValue: field) { context[key] = text }
        }
    }
}
