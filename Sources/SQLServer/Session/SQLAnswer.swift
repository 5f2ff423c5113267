import WireProtocol

/// What a statement gives: rows or none, and how it is reported.
struct SQLAnswer {
    var notice: ServerError?
    var columns: [Relation.Attribute]?
    var rows: [[SQLDatum]] = []
    /// For SELECT, the number of rows sent is added.
    var tag: String
}

/// What became of a statement.
enum SQLOutcome {
    case answer(SQLAnswer)
    /// It did nothing yet: what it must do depends on a commit that is not durable. It is to be run
    /// again when the log is durable up to its end of now. PostgreSQL: `XactLockTableWait`.
    case undecided
    /// It changes so many rows that it is carried out piece by piece.
    case bulk(BulkChange)
}
