/// Why a statement was refused, and where.
///
/// Everything a learner can type wrong is one of these; `serverError` is what goes on the wire,
/// with a hint that says what to type instead.
public struct SQLSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// 42601: this token cannot stand here; `nil` is the end of the text.
        case unexpected(String?)
        /// 42601: a quoted text or name, or a comment, has no end.
        case unterminated(Unterminated)
        /// 42601: one statement is wanted and there are more.
        case severalCommands
        /// 42601: INSERT gives more values than columns, or fewer.
        case valueCount(tooMany: Bool)
        /// 42601: `""` is no name.
        case emptyIdentifier
        /// 22025: an escape in `E'…'` that makes no character.
        case invalidEscape
        /// 22003: a number that is not whole, or too large for where it stands.
        case invalidNumber(String)
        /// 42P01: only kv and three views exist.
        case undefinedTable(String)
        /// 42703: kv has the columns key and value.
        case undefinedColumn(String)
        /// 42P01: a column's qualifier that is not the table after FROM.
        case missingFromEntry(String)
        /// 42704: a type the lab does not have.
        case undefinedType(String)
        /// 42883: a function nobody defined.
        case undefinedFunction(String, arguments: [String])
        /// 42883: `key = 1` compares a text with a number.
        case textComparedWithNumber
        /// 42883: an operator for types that it does not have, as `text - pg_lsn`.
        case undefinedOperator(String)
        /// 42803: a column beside `count(*)`.
        case notGrouped(String)
        /// 0A000: SQL, but more than the lab's.
        case unsupported(String)
        /// 0A000: a physical WAL sender takes replication commands and SHOW, no SQL.
        case notReplicationCommand
        /// 42601: an option of a replication command.
        case option(String, OptionProblem)
        /// 54001: too many parentheses inside each other.
        case tooDeep
        /// 54000: more text than a statement may have.
        case tooLong(byteCount: Int)
        /// 54011: more columns than a result may have.
        case tooManyColumns
    }

    /// What the end of the text came too early for.
    public enum Unterminated: String, Hashable, Sendable {
        /// `'…`
        case string = "quoted string"
        /// `"…`
        case identifier = "quoted identifier"
        /// `/* …`
        case comment = "/* comment"
    }

    /// What is wrong with an option of a replication command.
    public enum OptionProblem: Hashable, Sendable {
        /// Nobody knows it.
        case unrecognized
        /// It is there twice, or contradicts another.
        case redundant
        /// It wants a truth value.
        case notBoolean
        /// It wants a value and has none.
        case missingValue
        /// It has a value it may not have.
        case invalidValue(String)
        /// 22003: it has a number it may not have.
        case outOfRange(String, ClosedRange<Int>)
    }

    /// Whether the text is SQL all the same: PostgreSQL finds such mistakes only when the
    /// statement's turn has come.
    package var isSemantic: Bool {
        switch reason {
        case .undefinedTable, .undefinedColumn, .missingFromEntry, .undefinedType,
            .undefinedFunction, .textComparedWithNumber, .undefinedOperator, .notGrouped,
            .unsupported, .valueCount, .tooManyColumns:
            true
        case .unexpected, .unterminated, .severalCommands, .emptyIdentifier, .invalidEscape,
            .invalidNumber, .notReplicationCommand, .option, .tooDeep, .tooLong:
            false
        }
    }

    /// What is wrong.
    public let reason: Reason
    /// Where, in characters from 1.
    public let position: Int

    /// An error from its parts.
    public init(_ reason: Reason, at position: Int) {
        self.reason = reason
        self.position = position
    }
}
