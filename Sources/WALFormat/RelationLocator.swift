/// Which file of the cluster a page belongs to. PostgreSQL: `RelFileNode`.
public struct RelationLocator: Hashable, Sendable {
    /// The tablespace's object id; 1663 is `pg_default`.
    public let tablespace: UInt32
    /// The database's object id.
    public let database: UInt32
    /// The number the file is named after.
    public let relfilenode: UInt32

    /// The lab's table `kv(key text, value text)`: `base/5/16384`.
    public static let kv = RelationLocator(tablespace: 1663, database: 5, relfilenode: 16384)

    /// The relation whose file is `base/<database>/<relfilenode>`, for the default tablespace.
    public init(tablespace: UInt32, database: UInt32, relfilenode: UInt32) {
        self.tablespace = tablespace
        self.database = database
        self.relfilenode = relfilenode
    }
}
