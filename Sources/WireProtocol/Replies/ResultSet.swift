/// One statement's rows and tag: what RowDescription, DataRow and CommandComplete carry together.
public struct ResultSet: Hashable, Sendable {
    /// The columns; `nil` when the statement gives no rows at all (INSERT, DROP_…).
    public var columns: [Column]?
    /// The rows; `nil` in a row is NULL.
    public var rows: [[[UInt8]?]]
    /// The tag, `SELECT 2`.
    public var tag: String

    /// A result of texts.
    public init(columns: [Column], rows: [[String?]], tag: String) {
        self.columns = columns
        self.rows = rows.map { row in row.map { value in value.map { Array($0.utf8) } } }
        self.tag = tag
    }

    /// A result of bytes, or none but a tag.
    public init(columns: [Column]? = nil, byteRows: [[[UInt8]?]] = [], tag: String) {
        self.columns = columns
        self.rows = byteRows
        self.tag = tag
    }

    /// The messages to send; ReadyForQuery is not among them, since several results may share one.
    public var messages: [BackendMessage] {
        let description = columns.map { [BackendMessage.rowDescription($0)] } ?? []
        return description + rows.map(BackendMessage.dataRow) + [.commandComplete(tag)]
    }
}

/// Why a server's reply is not the one that was asked for.
public enum ReplyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// This many rows came where another number was due.
    case rowCount(Int)
    /// A column is not there.
    case missingColumn(String)
    /// A column holds NULL, or a text that is no value of its type.
    case invalidValue(column: String, String?)

    /// One clause.
    public var description: String {
        switch self {
        case .rowCount(let count): "it has \(count) rows"
        case .missingColumn(let column): "it has no column \(column)"
        case .invalidValue(let column, let value): "\(column) is \(value ?? "null")"
        }
    }
}

extension ResultSet {
    /// The only row's value in a column; `nil` is NULL.
    func optionalValue(_ column: String) throws(ReplyError) -> [UInt8]? {
        guard rows.count == 1, let row = rows.first else { throw .rowCount(rows.count) }
        guard let index = columns?.firstIndex(where: { $0.name == column }),
            row.indices.contains(index)
        else { throw .missingColumn(column) }
        return row[index]
    }

    /// The only row's value in a column, as a value of another type.
    func optionalValue<Value>(
        _ column: String, _ parse: (String) -> Value?
    ) throws(ReplyError) -> Value? {
        guard let bytes = try optionalValue(column) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let value = parse(text) else { throw .invalidValue(column: column, text) }
        return value
    }

    /// The same where NULL is not a value.
    func value<Value>(_ column: String, _ parse: (String) -> Value?) throws(ReplyError) -> Value {
        guard let value = try optionalValue(column, parse) else {
            throw .invalidValue(column: column, nil)
        }
        return value
    }
}
