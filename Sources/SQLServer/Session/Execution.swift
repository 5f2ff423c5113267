import WireProtocol

/// One run of a prepared statement: with which values, and for whom.
struct Execution {
    enum Origin {
        case query(SQLStatement)
        /// At most this many rows, nil for all.
        case portal(String, limit: Int?)
    }

    let prepared: PreparedStatement
    let origin: Origin
    var values: [SQLDatum] = []
    /// For each column, whether it is sent in binary format; none means all text.
    var formats: [Bool] = []
}
