/// One column of a RowDescription:
/// `name\0, Int32 table, Int16 attribute, Int32 type, Int16 size, Int32 modifier, Int16 format`.
public struct Column: Hashable, Sendable {
    /// A PostgreSQL type as the wire names it.
    public struct DataType: Hashable, Sendable {
        /// The type's row in `pg_type`.
        public let oid: UInt32
        /// Bytes of its binary form; -1 when it varies.
        public let size: Int16

        /// A type from its two numbers.
        public init(oid: UInt32, size: Int16) {
            self.oid = oid
            self.size = size
        }
    }

    /// What the client shows above the column.
    public var name: String
    /// Its type.
    public var type: DataType
    /// The table it comes from, 0 for none.
    public var tableOID: UInt32
    /// Its number in that table, 0 for none.
    public var attribute: Int16
    /// -1: no modifier.
    public var typeModifier: Int32
    /// 0 is text, 1 is binary.
    public var format: Int16

    /// A column of a result that is computed, in text format.
    public init(
        _ name: String, _ type: DataType, tableOID: UInt32 = 0, attribute: Int16 = 0,
        typeModifier: Int32 = -1, format: Int16 = 0
    ) {
        self.name = name
        self.type = type
        self.tableOID = tableOID
        self.attribute = attribute
        self.typeModifier = typeModifier
        self.format = format
    }
}

/// The types the lab's results use, by their numbers in `pg_type`.
extension Column.DataType {
    /// `boolean`
    public static let bool = Self(oid: 16, size: 1)
    /// `bytea`
    public static let bytea = Self(oid: 17, size: -1)
    /// `name`, PostgreSQL's identifiers
    public static let name = Self(oid: 19, size: 64)
    /// `bigint`
    public static let int8 = Self(oid: 20, size: 8)
    /// `smallint`
    public static let int2 = Self(oid: 21, size: 2)
    /// `integer`
    public static let int4 = Self(oid: 23, size: 4)
    /// `text`
    public static let text = Self(oid: 25, size: -1)
    /// `oid`
    public static let oid = Self(oid: 26, size: 4)
    /// `xid`
    public static let xid = Self(oid: 28, size: 4)
    /// What a literal or parameter is before its place decides.
    public static let unknown = Self(oid: 705, size: -2)
    /// `inet`
    public static let inet = Self(oid: 869, size: -1)
    /// `varchar`
    public static let varchar = Self(oid: 1043, size: -1)
    /// `void`, of a function that gives nothing
    public static let void = Self(oid: 2278, size: 4)
    /// `xid8`, a transaction number that does not wrap around
    public static let xid8 = Self(oid: 5069, size: 8)
    /// `timestamp with time zone`
    public static let timestamptz = Self(oid: 1184, size: 8)
    /// `interval`
    public static let interval = Self(oid: 1186, size: 16)
    /// `numeric`
    public static let numeric = Self(oid: 1700, size: -1)
    /// `pg_lsn`
    public static let lsn = Self(oid: 3220, size: 8)
}

extension Column {
    init(from reader: inout ByteReader) throws(Malformation) {
        let name = try reader.cString()
        let table = try reader.integer(UInt32.self)
        let attribute = try reader.integer(Int16.self)
        let oid = try reader.integer(UInt32.self)
        let size = try reader.integer(Int16.self)
        let modifier = try reader.integer(Int32.self)
        let format = try reader.integer(Int16.self)
        self.init(
            name, DataType(oid: oid, size: size), tableOID: table, attribute: attribute,
            typeModifier: modifier, format: format)
    }

    func write(to writer: inout FrameWriter) {
        writer.cString(name)
        writer.integer(tableOID)
        writer.integer(attribute)
        writer.integer(type.oid)
        writer.integer(type.size)
        writer.integer(typeModifier)
        writer.integer(format)
    }
}
