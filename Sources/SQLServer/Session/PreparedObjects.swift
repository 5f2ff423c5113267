import WireProtocol

/// What a client has prepared: statements, which last as long as the session, and portals, which
/// last as long as their transaction.
///
/// - What they take up is bounded, whatever a client prepares and never closes.
struct PreparedObjects {
    /// A statement with its parameters, and how far it was run. PostgreSQL: `PortalData`.
    struct Portal {
        enum Progress {
            case ready
            /// Rows still to be sent.
            case suspended(ArraySlice<[SQLDatum]>)
            case finished
        }

        let prepared: PreparedStatement
        let values: [SQLDatum]
        /// For each column, whether it is sent in binary format.
        let formats: [Bool]
        var progress = Progress.ready
        var byteCount = 0
    }

    /// The most that statements' texts and portals' parameters may take up.
    static let maximumByteCount = 8 << 20
    /// Each may hold the rows of a whole table.
    static let maximumPortalCount = 32

    private var statements: [String: (prepared: PreparedStatement, byteCount: Int)] = [:]
    private var portals: [String: Portal] = [:]

    // MARK: Statements

    func statement(_ name: String) throws(ServerError) -> PreparedStatement {
        guard let found = statements[name] else { throw .noStatement(name) }
        return found.prepared
    }

    /// Checks that the name is free; the unnamed statement makes room for the next.
    mutating func makeRoom(forStatement name: String) throws(ServerError) {
        guard !name.isEmpty else { return statements[""] = nil }
        guard statements[name] == nil else {
            throw ServerError(
                code: .duplicatePreparedStatement,
                message: "prepared statement \"\(name)\" already exists")
        }
    }

    mutating func store(
        _ prepared: PreparedStatement, as name: String, byteCount: Int
    ) throws(ServerError) {
        try checkRoom(byteCount + name.utf8.count)
        statements[name] = (prepared, byteCount + name.utf8.count)
    }

    /// DEALLOCATE; nil is all.
    mutating func deallocate(_ name: String?) throws(ServerError) {
        guard let name else { return statements = [:] }
        guard statements.removeValue(forKey: name) != nil else { throw .noStatement(name) }
    }

    // MARK: Portals

    func portal(_ name: String) throws(ServerError) -> Portal {
        guard let portal = portals[name] else {
            throw ServerError(
                code: .invalidCursorName, message: "portal \"\(name)\" does not exist")
        }
        return portal
    }

    mutating func open(_ portal: Portal, as name: String) throws(ServerError) {
        guard name.isEmpty || portals[name] == nil else {
            throw ServerError(
                code: .duplicateCursor, message: "cursor \"\(name)\" already exists")
        }
        portals[name] = nil
        guard portals.count < Self.maximumPortalCount else { throw .tooMuchPrepared }
        try checkRoom(portal.byteCount)
        portals[name] = portal
    }

    /// Notes how far a portal was run, unless its transaction took it along.
    mutating func note(_ progress: Portal.Progress, of name: String) {
        portals[name]?.progress = progress
    }

    mutating func close(_ object: PreparedObject) {
        switch object {
        case .statement(let name): statements[name] = nil
        case .portal(let name): portals[name] = nil
        }
    }

    /// The transaction has ended.
    mutating func closePortals() {
        portals = [:]
    }

    private func checkRoom(_ byteCount: Int) throws(ServerError) {
        let taken = statements.values.reduce(0) { $0 + $1.byteCount }
        let all = portals.values.reduce(taken + byteCount) { $0 + $1.byteCount }
        guard all <= Self.maximumByteCount else { throw .tooMuchPrepared }
    }
}

extension ServerError {
    fileprivate static func noStatement(_ name: String) -> ServerError {
        ServerError(
            code: .invalidSQLStatementName,
            message: name.isEmpty
                ? "unnamed prepared statement does not exist"
                : "prepared statement \"\(name)\" does not exist")
    }

    fileprivate static var tooMuchPrepared: ServerError {
        ServerError(
            code: .configurationLimitExceeded, message: "too much is prepared on this connection",
            hint: "Close statements and portals, or send DEALLOCATE ALL.")
    }
}
