/// Message `B`: give a prepared statement its parameters and make it a portal.
///
/// `portal\0, statement\0, formats, UInt16 n, n * (Int32 length or -1, bytes), result formats`;
/// a list of formats is `UInt16 n, n * UInt16`.
public struct Bind: Hashable, Sendable {
    /// The portal's name; empty for the unnamed one.
    public var portal: String
    /// The prepared statement's name.
    public var statement: String
    /// 0 text, 1 binary: none (all text), one for all, or one each.
    public var parameterFormats: [UInt16]
    /// The values; `nil` is NULL.
    public var parameters: [[UInt8]?]
    /// 0 text, 1 binary: none (all text), one for all, or one for each column.
    public var resultFormats: [UInt16]

    /// A message from its parts.
    public init(
        portal: String = "", statement: String = "", parameterFormats: [UInt16] = [],
        parameters: [[UInt8]?] = [], resultFormats: [UInt16] = []
    ) {
        self.portal = portal
        self.statement = statement
        self.parameterFormats = parameterFormats
        self.parameters = parameters
        self.resultFormats = resultFormats
    }
}

extension Bind {
    init(from reader: inout ByteReader) throws(Malformation) {
        portal = try reader.cString()
        statement = try reader.cString()
        parameterFormats = try reader.list { (reader) throws(Malformation) in try reader.integer() }
        let count = try reader.integer(UInt16.self)
        guard parameterFormats.count <= 1 || parameterFormats.count == Int(count) else {
            throw .formatCount(formats: parameterFormats.count, parameters: Int(count))
        }
        parameters = []
        for _ in 0..<count { parameters.append(try reader.nullableBytes()) }
        resultFormats = try reader.list { (reader) throws(Malformation) in try reader.integer() }
    }

    func write(to writer: inout FrameWriter) {
        writer.cString(portal)
        writer.cString(statement)
        writer.list(parameterFormats) { $0.integer($1) }
        writer.list(parameters) { $0.nullableBytes($1) }
        writer.list(resultFormats) { $0.integer($1) }
    }
}
