import WALFormat
import WireProtocol

// The types the lab computes with: their names, their casts, and texts read as values of them.
extension Column.DataType {
    /// What an error calls it, and a cast may call it.
    private static let known: [(name: String, title: String, type: Self)] = [
        ("bool", "boolean", .bool), ("bytea", "bytea", .bytea), ("int2", "smallint", .int2),
        ("int4", "integer", .int4),
        ("int8", "bigint", .int8), ("numeric", "numeric", .numeric), ("text", "text", .text),
        ("varchar", "character varying", .varchar), ("name", "name", .name), ("oid", "oid", .oid),
        ("xid", "xid", .xid), ("xid8", "xid8", .xid8), ("inet", "inet", .inet),
        ("pg_lsn", "pg_lsn", .lsn),
        ("timestamptz", "timestamp with time zone", .timestamptz),
        ("interval", "interval", .interval), ("unknown", "unknown", .unknown),
        ("void", "void", .void),
    ]

    /// The type a cast names.
    init(_ name: SQLTypeName) throws(ServerError) {
        guard let known = Self.known.first(where: { $0.name == name.name }) else {
            throw SQLSyntaxError(.undefinedType(name.name), at: name.position).serverError
        }
        self = known.type
    }

    /// The type with a number of `pg_type`; nil if the lab does not know it.
    init?(oid: UInt32) {
        guard let known = Self.known.first(where: { $0.type.oid == oid }) else { return nil }
        self = known.type
    }

    /// Its name in an error.
    var title: String { Self.known.first { $0.type == self }?.title ?? "\(oid)" }

    var isText: Bool { [.text, .varchar, .name].contains(self) }
    var isInteger: Bool { [.int2, .int4, .int8].contains(self) }
    var isNumber: Bool { isInteger || self == .numeric }

    /// Whether the lab reads values of it from a client, as bytes or as text.
    var isReadable: Bool {
        isText || isInteger || [.bool, .oid, .lsn].contains(self)
    }

    /// Whether there is a cast the lab knows.
    func canBeCast(to other: Self) -> Bool {
        self == other || other.isText || isText
            || (isNumber && (other.isNumber || (isInteger && other == .oid)))
            || (self == .oid && other.isInteger)
    }

    /// Whether values of the two types can be compared as they are.
    func isComparable(with other: Self) -> Bool {
        self == other || (isText && other.isText) || (isNumber && other.isNumber)
    }
}

extension SQLDatum {
    /// A text read as a value of a type. PostgreSQL: the type's input function.
    init(_ text: String, as type: Column.DataType) throws(ServerError) {
        let word = text.trimmed
        switch type {
        case .text, .varchar, .name, .unknown: self = .text(text)
        case .bool: self = .bool(try Self.truth(word, text))
        case .int2, .int4, .int8, .oid, .xid:
            guard let number = Int128(word) else { throw .invalid(text, type) }
            do throws(ServerError) {
                self = try Self.integer(number, as: type)
            } catch {
                throw .outOfRange(type, text)
            }
        case .numeric:
            guard let number = SQLNumeric(word) else { throw .invalid(text, type) }
            self = .numeric(number)
        case .lsn:
            guard let lsn = LSN(word) else { throw .invalid(text, type) }
            self = .lsn(lsn)
        default:
            throw .unsupported("reading a text as \(type.title)")
        }
    }

    /// A number in the range of its type.
    static func integer(
        _ number: Int128, as type: Column.DataType
    ) throws(ServerError) -> SQLDatum {
        let isInRange =
            switch type {
            case .int2: Int16(exactly: number) != nil
            case .int4: Int32(exactly: number) != nil
            case .oid, .xid: UInt32(exactly: number) != nil
            default: true
            }
        guard isInRange, let value = Int64(exactly: number) else {
            throw .outOfRange(type)
        }
        return .integer(value)
    }

    /// The value as a type has it that its own `canBeCast` to.
    func cast(
        from: Column.DataType, to: Column.DataType
    ) throws(ServerError) -> SQLDatum {
        if to.isText { return castToText }
        switch self {
        case .text(let text): return try SQLDatum(text, as: to)
        case .integer(let number) where to == .numeric: return .numeric(SQLNumeric(Int128(number)))
        case .integer(let number): return try Self.integer(Int128(number), as: to)
        case .numeric(let number):
            guard let rounded = number.rounded else { throw .outOfRange(to) }
            return try Self.integer(Int128(rounded), as: to)
        case .null, .bool, .bytes, .lsn, .timestamp, .interval: return self
        }
    }

    /// PostgreSQL: `parse_bool`.
    private static func truth(_ word: String, _ text: String) throws(ServerError) -> Bool {
        let word = word.lowercased()
        guard !word.isEmpty else { throw .invalid(text, .bool) }
        if word == "1" || word == "on" || "true".hasPrefix(word) || "yes".hasPrefix(word) {
            return true
        }
        guard
            word == "0" || word == "of" || word == "off" || "false".hasPrefix(word)
                || "no".hasPrefix(word)
        else { throw .invalid(text, .bool) }
        return false
    }
}

extension ServerError {
    fileprivate static func invalid(_ text: String, _ type: Column.DataType) -> ServerError {
        ServerError(
            code: .invalidTextRepresentation,
            message: "invalid input syntax for type \(type.title): \"\(text.prefix(100))\"")
    }

    static func outOfRange(_ type: Column.DataType) -> ServerError {
        ServerError(code: .numericValueOutOfRange, message: "\(type.title) out of range")
    }

    fileprivate static func outOfRange(_ type: Column.DataType, _ text: String) -> ServerError {
        ServerError(
            code: .numericValueOutOfRange,
            message: "value \"\(text.prefix(100))\" is out of range for type \(type.title)")
    }
}

extension String {
    fileprivate var trimmed: String {
        let kept = utf8.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let end = kept.reversed().drop { $0 == 0x20 || (0x09...0x0D).contains($0) }.count
        return String(decoding: kept.prefix(end), as: UTF8.self)
    }
}
