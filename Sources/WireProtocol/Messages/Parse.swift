/// Message `P`: prepare a statement. `name\0, query\0, UInt16 n, n * UInt32 parameter type`.
public struct Parse: Hashable, Sendable {
    /// The prepared statement's name; empty for the unnamed one.
    public var statement: String
    /// The statement's text, with `$1` and so on for parameters.
    public var query: String
    /// Types the client insists on; 0 leaves the choice to the server.
    public var parameterTypes: [UInt32]

    /// A message from its parts.
    public init(statement: String = "", query: String, parameterTypes: [UInt32] = []) {
        self.statement = statement
        self.query = query
        self.parameterTypes = parameterTypes
    }
}

extension Parse {
    init(from reader: inout ByteReader) throws(Malformation) {
        statement = try reader.cString()
        query = try reader.cString()
        parameterTypes = try reader.list { (reader) throws(Malformation) in try reader.integer() }
    }

    func write(to writer: inout FrameWriter) {
        writer.cString(statement)
        writer.cString(query)
        writer.list(parameterTypes) { $0.integer($1) }
    }
}
