/// The payload of CopyInResponse, CopyOutResponse and CopyBothResponse:
/// `Int8 format, Int16 n, n * Int16 column format`. Replication always sends `00 0000`.
public struct CopyResponse: Hashable, Sendable {
    /// 0 is text, 1 is binary.
    public let format: UInt8
    /// One format for each column; empty in replication.
    public let columnFormats: [UInt16]

    /// A response from its parts.
    public init(format: UInt8, columnFormats: [UInt16]) {
        self.format = format
        self.columnFormats = columnFormats
    }

    /// What replication sends: text, no columns.
    public static let stream = CopyResponse(format: 0, columnFormats: [])
}

extension CopyResponse {
    init(from reader: inout ByteReader) throws(Malformation) {
        format = try reader.integer()
        columnFormats = try reader.list { (reader) throws(Malformation) in try reader.integer() }
    }

    func write(to writer: inout FrameWriter) {
        writer.integer(format)
        writer.list(columnFormats) { $0.integer($1) }
    }
}
