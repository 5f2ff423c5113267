extension SQLSyntaxError {
    /// What is wrong, in one line.
    public var description: String { message }

    /// What goes on the wire: PostgreSQL's code and words, and a hint of the lab's.
    public var serverError: ServerError {
        ServerError(
            code: code, message: message, hint: hint, position: position > 0 ? position : nil)
    }

    /// The SQLSTATE alone.
    public var code: SQLState {
        switch reason {
        case .unexpected, .unterminated, .severalCommands, .valueCount, .emptyIdentifier:
            .syntaxError
        case .invalidEscape: .invalidEscapeSequence
        case .invalidNumber, .option(_, .outOfRange): .numericValueOutOfRange
        case .undefinedTable, .missingFromEntry: .undefinedTable
        case .undefinedType: .undefinedObject
        case .notGrouped: .groupingError
        case .undefinedColumn: .undefinedColumn
        case .undefinedFunction, .textComparedWithNumber, .undefinedOperator: .undefinedFunction
        case .unsupported, .notReplicationCommand: .featureNotSupported
        case .option: .syntaxError
        case .tooDeep: .statementTooComplex
        case .tooLong: .programLimitExceeded
        case .tooManyColumns: .tooManyColumns
        }
    }

    private var message: String {
        switch reason {
        case .unexpected(nil): "syntax error at end of input"
        case .unexpected(let token?): #"syntax error at or near "\#(token.clipped)""#
        case .unterminated(let kind): "unterminated \(kind.rawValue)"
        case .severalCommands: "cannot insert multiple commands into a prepared statement"
        case .valueCount(tooMany: true): "INSERT has more expressions than target columns"
        case .valueCount(tooMany: false): "INSERT has more target columns than expressions"
        case .emptyIdentifier: "zero-length delimited identifier"
        case .invalidEscape: "invalid escape in string"
        case .invalidNumber(let text): #"value "\#(text.clipped)" is out of range"#
        case .undefinedTable(let name): #"relation "\#(name.clipped)" does not exist"#
        case .undefinedColumn(let name): #"column "\#(name.clipped)" does not exist"#
        case .undefinedFunction(let name, let arguments):
            "function \(name.clipped)(\(arguments.joined(separator: ", ").clipped)) does not exist"
        case .textComparedWithNumber: "operator does not exist: text = integer"
        case .undefinedOperator(let what): "operator does not exist: \(what.clipped)"
        case .missingFromEntry(let name):
            #"missing FROM-clause entry for table "\#(name.clipped)""#
        case .undefinedType(let name): #"type "\#(name.clipped)" does not exist"#
        case .notGrouped(let name):
            #"column "\#(name.clipped)" must appear in the GROUP BY clause "#
                + "or be used in an aggregate function"
        case .unsupported(let what): "\(what.clipped) is not supported"
        case .notReplicationCommand:
            "cannot execute SQL commands in WAL sender for physical replication"
        case .option(let name, let problem): problem.message(option: name.clipped)
        case .tooDeep: "stack depth limit exceeded"
        case .tooLong(let byteCount): "a query of \(byteCount) bytes is too long"
        case .tooManyColumns: "target lists can have at most 1664 entries"
        }
    }

    private var hint: String? {
        switch reason {
        case .unexpected, .emptyIdentifier:
            "The lab's SQL is SELECT, INSERT, UPDATE and DELETE on table kv, as in: "
                + "SELECT value FROM kv WHERE key = 'a'"
        case .unterminated(.string): "Close it with ', and write '' for a ' inside."
        case .unterminated(.identifier): #"Close it with ". Texts stand in ' instead."#
        case .unterminated(.comment): "Close it with */."
        case .severalCommands: "Prepare them one by one."
        case .valueCount: "Give one value for each column: VALUES ('a', '1')"
        case .invalidEscape: "After E', write \\\\ for a backslash and \\' for a quote."
        case .invalidNumber: "Write a smaller whole number."
        case .undefinedTable:
            "The lab has the table kv and the views pg_stat_replication, pg_stat_wal_receiver "
                + "and pg_replication_slots."
        case .undefinedColumn:
            "kv has the columns key and value; SELECT * shows those of a view. "
                + "Texts stand in ' quotes."
        case .missingFromEntry: "Name the table, or its alias, after FROM."
        case .undefinedType: "The lab has text, bool, int4, int8, numeric, pg_lsn and few others."
        case .undefinedOperator: "Cast one side, as in '0/0'::pg_lsn."
        case .notGrouped: "Select count(*) by itself."
        case .undefinedFunction: "The lab has few functions, such as pg_current_wal_lsn()."
        case .textComparedWithNumber: "Keys are texts. Put the number in quotes: key = '1'"
        case .unsupported: "The lab is no SQL database: it stores keys and values in kv."
        case .notReplicationCommand:
            "Connect without replication=true for SQL. This one takes IDENTIFY_SYSTEM, SHOW, "
                + "START_REPLICATION and the like."
        case .option: nil
        case .tooDeep: "Use fewer parentheses and operators."
        case .tooLong, .tooManyColumns: "Split the statement."
        }
    }
}

extension SQLSyntaxError.OptionProblem {
    fileprivate func message(option name: String) -> String {
        switch self {
        case .unrecognized: #"unrecognized option: "\#(name)""#
        case .redundant: #"duplicate or contradictory option "\#(name)""#
        case .notBoolean: "\(name) requires a Boolean value"
        case .missingValue: "\(name) requires a parameter"
        case .invalidValue(let value):
            #"unrecognized value for option "\#(name)": "\#(value.clipped)""#
        case .outOfRange(let value, let range):
            #"\#(value.clipped) is outside the valid range for parameter "\#(name)" "#
                + "(\(range.lowerBound) .. \(range.upperBound))"
        }
    }
}

extension String {
    /// Short enough to stand in a message, whatever a client sent.
    fileprivate var clipped: String {
        utf8.count <= 200 ? self : String(prefix(50).unicodeScalars.prefix(100)) + "…"
    }
}
