import WALFormat
import WireProtocol

/// What an expression can ask while it is computed: of the node, and of the session that runs it.
protocol SQLContext: AnyObject {
    var host: any SQLHost { get }
    var user: String { get }
    var databaseName: String { get }
    /// What the client was told as its server process's number.
    var processID: Int { get }
    /// When the transaction began.
    var transactionTime: PostgresTime { get }
    /// The transaction whose changes are seen; nil before its first change.
    var xid: TransactionID? { get }
    /// As whom the table is read.
    var reader: SQLReader { get }

    /// A setting's value; 42704 for one the lab does not have.
    func setting(_ name: String) throws(ServerError) -> String
    /// The statement goes on for so much longer.
    func pause(for duration: Duration)
    /// What a file holds. Reading takes the node's disk some time: the first answer counts for
    /// nothing, and the statement is computed again when the bytes are there.
    /// - Parameter ifPresent: NULL, and no error, when there is no such file.
    func contents(of piece: FilePiece, ifPresent: Bool) throws(ServerError) -> SQLDatum
    /// Ends the segment being written; the client's answer waits until that is durable.
    func switchWAL() throws(ServerError) -> LSN
}

// What only one kind of node can answer. PostgreSQL: the `RecoveryInProgress` checks in
// xlogfuncs.c.
extension SQLContext {
    /// Where the node stands, if it is a primary.
    func primary(
        _ what: String = "WAL control functions"
    ) throws(ServerError) -> NodeStanding {
        let standing = host.standing
        guard !standing.isInRecovery else {
            throw ServerError(
                code: .objectNotInPrerequisiteState, message: "recovery is in progress",
                hint: "\(what) cannot be executed during recovery.")
        }
        return standing
    }

    /// Where the node stands, if it is a standby.
    func standby() throws(ServerError) -> NodeStanding {
        let standing = host.standing
        guard standing.isInRecovery else {
            throw ServerError(
                code: .objectNotInPrerequisiteState, message: "recovery is not in progress",
                hint: "Recovery control functions can only be executed during recovery.")
        }
        return standing
    }
}
