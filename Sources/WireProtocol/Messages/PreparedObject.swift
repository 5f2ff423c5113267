/// What Describe and Close name: `Byte 'S' or 'P', name\0`.
public enum PreparedObject: Hashable, Sendable {
    /// A prepared statement.
    case statement(String)
    /// A portal: a statement with its parameters.
    case portal(String)
}

extension PreparedObject {
    init(from reader: inout ByteReader) throws(Malformation) {
        let kind = try reader.integer(UInt8.self)
        let name = try reader.cString()
        switch Unicode.Scalar(kind) {
        case "S": self = .statement(name)
        case "P": self = .portal(name)
        default: throw .undefinedValue(Int(kind))
        }
    }

    func write(to writer: inout FrameWriter) {
        switch self {
        case .statement(let name):
            writer.integer(UInt8(ascii: "S"))
            writer.cString(name)
        case .portal(let name):
            writer.integer(UInt8(ascii: "P"))
            writer.cString(name)
        }
    }
}
