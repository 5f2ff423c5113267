/// A primary and one replica of it that clients can reach, of the lab or of PostgreSQL.
struct ReplicatedPair {
    /// The table with a key of PostgreSQL's: the lab's own is that to begin with.
    static let keyedTable = "kv"
    /// A table of PostgreSQL's without any index.
    static let bareTable = "kv_bare"

    let primary: QueryClient
    let replica: QueryClient
    let table: String

    /// The lab's primary and its first replica.
    init(_ lab: LabServer) throws(BenchFailure) {
        primary = try lab.client()
        replica = try QueryClient(port: try lab.port(of: "r1"), user: LabServer.user)
        table = Self.keyedTable
    }

    /// PostgreSQL and its standby, where `makeTables` has made the tables.
    init(
        _ server: PostgresServer, _ standby: PostgresServer, table: String
    ) throws(BenchFailure) {
        primary = try server.client()
        replica = try standby.client()
        self.table = table
    }

    /// The lab's table refuses a key that is there already, so one with a primary key is like it;
    /// the other shows what PostgreSQL does without.
    static func makeTables(_ server: PostgresServer) throws(BenchFailure) {
        let client = try server.client()
        try client.ask("CREATE TABLE \(keyedTable)(key text PRIMARY KEY, value text)")
        try client.ask("CREATE TABLE \(bareTable)(key text, value text)")
    }
}
