/// A five-character SQLSTATE, the part of an error that programs read.
public struct SQLState: Hashable, Sendable, CustomStringConvertible {
    /// The five characters.
    public let code: String

    /// A code as received; not checked, since a client shows what it was sent.
    public init(_ code: String) { self.code = code }

    /// The five characters.
    public var description: String { code }
}

/// The codes the lab sends or acts upon, under PostgreSQL's condition names.
extension SQLState {
    /// 00000
    public static let successfulCompletion = SQLState("00000")
    /// 01000
    public static let warning = SQLState("01000")
    /// 08000
    public static let connectionException = SQLState("08000")
    /// 08003
    public static let connectionDoesNotExist = SQLState("08003")
    /// 08006
    public static let connectionFailure = SQLState("08006")
    /// 08P01
    public static let protocolViolation = SQLState("08P01")
    /// 0A000
    public static let featureNotSupported = SQLState("0A000")
    /// 22001
    public static let stringDataRightTruncation = SQLState("22001")
    /// 22003
    public static let numericValueOutOfRange = SQLState("22003")
    /// 22021
    public static let characterNotInRepertoire = SQLState("22021")
    /// 22023
    public static let invalidParameterValue = SQLState("22023")
    /// 2201W
    public static let invalidRowCountInLimit = SQLState("2201W")
    /// 22025
    public static let invalidEscapeSequence = SQLState("22025")
    /// 22P02
    public static let invalidTextRepresentation = SQLState("22P02")
    /// 22P03
    public static let invalidBinaryRepresentation = SQLState("22P03")
    /// 23502
    public static let notNullViolation = SQLState("23502")
    /// 23505
    public static let uniqueViolation = SQLState("23505")
    /// 25001
    public static let activeSQLTransaction = SQLState("25001")
    /// 25006
    public static let readOnlySQLTransaction = SQLState("25006")
    /// 25P01
    public static let noActiveSQLTransaction = SQLState("25P01")
    /// 25P02
    public static let inFailedSQLTransaction = SQLState("25P02")
    /// 26000
    public static let invalidSQLStatementName = SQLState("26000")
    /// 28000
    public static let invalidAuthorizationSpecification = SQLState("28000")
    /// 28P01
    public static let invalidPassword = SQLState("28P01")
    /// 34000
    public static let invalidCursorName = SQLState("34000")
    /// 3D000
    public static let invalidCatalogName = SQLState("3D000")
    /// 40001, also what a replay conflict cancels a standby's query with.
    public static let serializationFailure = SQLState("40001")
    /// 42601
    public static let syntaxError = SQLState("42601")
    /// 42602
    public static let invalidName = SQLState("42602")
    /// 42703
    public static let undefinedColumn = SQLState("42703")
    /// 42704
    public static let undefinedObject = SQLState("42704")
    /// 42710
    public static let duplicateObject = SQLState("42710")
    /// 42803
    public static let groupingError = SQLState("42803")
    /// 42804
    public static let datatypeMismatch = SQLState("42804")
    /// 42846
    public static let cannotCoerce = SQLState("42846")
    /// 42883
    public static let undefinedFunction = SQLState("42883")
    /// 42P01
    public static let undefinedTable = SQLState("42P01")
    /// 42P02
    public static let undefinedParameter = SQLState("42P02")
    /// 42P03
    public static let duplicateCursor = SQLState("42P03")
    /// 42P05
    public static let duplicatePreparedStatement = SQLState("42P05")
    /// 53100
    public static let diskFull = SQLState("53100")
    /// 53300
    public static let tooManyConnections = SQLState("53300")
    /// 53400
    public static let configurationLimitExceeded = SQLState("53400")
    /// 54000
    public static let programLimitExceeded = SQLState("54000")
    /// 54001
    public static let statementTooComplex = SQLState("54001")
    /// 54011
    public static let tooManyColumns = SQLState("54011")
    /// 55000
    public static let objectNotInPrerequisiteState = SQLState("55000")
    /// 55006
    public static let objectInUse = SQLState("55006")
    /// 57014
    public static let queryCanceled = SQLState("57014")
    /// 57P01
    public static let adminShutdown = SQLState("57P01")
    /// 57P02
    public static let crashShutdown = SQLState("57P02")
    /// 57P03
    public static let cannotConnectNow = SQLState("57P03")
    /// 58030
    public static let ioError = SQLState("58030")
    /// 42501
    public static let insufficientPrivilege = SQLState("42501")
    /// 58P01
    public static let undefinedFile = SQLState("58P01")
    /// XX000
    public static let internalError = SQLState("XX000")
    /// XX001
    public static let dataCorrupted = SQLState("XX001")
}
