import WireProtocol

// What the messages of the extended protocol mean for a prepared statement.

extension Parse {
    /// The one statement of the text; nil if there is none.
    func statement() throws(ServerError) -> SQLStatement? {
        do throws(SQLSyntaxError) {
            let statements = try SQLStatement.parse(query)
            guard statements.count <= 1 else { throw SQLSyntaxError(.severalCommands, at: 0) }
            return statements.first
        } catch {
            throw error.serverError
        }
    }
}

extension UInt32 {
    /// The type a client insists on; nil leaves it to the parameter's place.
    var declaredType: Column.DataType? {
        self == 0 || self == Column.DataType.unknown.oid
            ? nil : Column.DataType(oid: self) ?? Column.DataType(oid: self, size: -1)
    }
}

extension Bind {
    /// The portal that a statement becomes. PostgreSQL: `exec_bind_message`.
    func portal(of prepared: PreparedStatement) throws(ServerError) -> PreparedObjects.Portal {
        let wanted = prepared.parameters.count
        guard parameters.count == wanted else {
            throw Self.violation(
                "bind message supplies \(parameters.count) parameters, but prepared statement "
                    + "\"\(statement)\" requires \(wanted)")
        }
        let columnCount = prepared.columns?.count ?? 0
        guard resultFormats.count <= 1 || resultFormats.count == columnCount else {
            throw Self.violation(
                "bind message has \(resultFormats.count) result formats "
                    + "but query has \(columnCount) columns")
        }
        let areBinary = try Self.areBinary(parameterFormats, count: wanted)
        var values: [SQLDatum] = []
        for (index, bytes) in parameters.enumerated() {
            values.append(
                try Self.value(
                    bytes, prepared.parameters[index], isBinary: areBinary[index],
                    number: index + 1))
        }
        var portal = PreparedObjects.Portal(
            prepared: prepared, values: values,
            formats: try Self.areBinary(resultFormats, count: columnCount))
        portal.byteCount = parameters.reduce(portal.byteCount) { $0 + ($1?.count ?? 0) }
        return portal
    }

    /// None means all text, one means all like it. Each is checked even where there is nothing to
    /// format.
    private static func areBinary(
        _ formats: [UInt16], count: Int
    ) throws(ServerError) -> [Bool] {
        for format in formats where format > 1 {
            throw ServerError(
                code: .invalidParameterValue, message: "unsupported format code: \(format)")
        }
        if formats.count == count { return formats.map { $0 == 1 } }
        return Array(repeating: formats.first == 1, count: count)
    }

    private static func value(
        _ bytes: [UInt8]?, _ type: Column.DataType, isBinary: Bool, number: Int
    ) throws(ServerError) -> SQLDatum {
        guard let bytes else { return .null }
        if isBinary {
            guard type.isReadable else {
                throw .unsupported("a binary parameter of type \(type.title)")
            }
            guard let value = SQLDatum(binary: bytes, as: type) else {
                throw ServerError(
                    code: .invalidBinaryRepresentation,
                    message: "incorrect binary data format in bind parameter \(number)")
            }
            return value
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw ServerError(
                code: .characterNotInRepertoire,
                message: "invalid byte sequence for encoding \"UTF8\" in bind parameter \(number)")
        }
        // A type that the lab does not compute with is stored as the text it came as.
        return type.isReadable || type == .numeric
            ? try SQLDatum(text, as: type) : .text(text)
    }

    private static func violation(_ message: String) -> ServerError {
        ServerError(code: .protocolViolation, message: message)
    }
}
