import WALFormat
import WireProtocol

/// One client: its transaction, and what its statements do to the node's table.
///
/// It is not a planner: a statement is carried out by its one obvious way.
///
/// - A statement outside BEGIN and COMMIT begins a transaction that whoever runs it ends with
///   `finish`: after a query's last statement, or at Sync. So several statements of one query are
///   one transaction.
/// - A transaction takes a number with its first change. One that changes nothing writes nothing.
/// - A commit's position is handed back; the client is told when the log is durable up to there.
final class SQLSession: SQLContext {
    /// What must be durable before the client is told that its transaction is over.
    struct Ending {
        let position: LSN
        /// It committed; else it only wrote to the log.
        let isCommit: Bool
        /// What it changed, if the session keeps that.
        var changes: [TableChange] = []
    }

    let host: any SQLHost
    let user: String
    let databaseName: String
    /// What the client is told as its server process's number.
    let processID: Int
    var settings = SessionSettings()
    /// What the client knows of the settings.
    var reported = ReportedSettings()
    var prepared = PreparedObjects()
    private var block = TransactionBlock()
    /// Whether somebody asks what its commits have changed.
    private let keepsChanges: Bool
    /// What the transaction at hand has changed, if so.
    private var kept: (xid: TransactionID, changes: [TableChange])?
    /// Something was written to the log by no transaction, or decided by what is not durable yet:
    /// the client hears of it as of a commit.
    private var awaitsLog = false
    /// What the statement at hand has read of files, and what it still has to read.
    private var files: [FilePiece: [UInt8]?] = [:]
    private var wantedFile: FilePiece?
    /// How much longer the statement at hand goes on.
    private var pause = Duration.zero

    init(host: any SQLHost, user: String, databaseName: String, processID: Int, keepsChanges: Bool)
    {
        self.host = host
        self.user = user
        self.databaseName = databaseName
        self.processID = processID
        self.keepsChanges = keepsChanges
    }

    // MARK: Standing

    var state: TransactionState { block.state }
    var transactionTime: PostgresTime { block.transaction?.startedAt ?? host.now }
    var isReadOnly: Bool { block.transaction?.isReadOnly ?? settings.isReadOnlyByDefault }
    /// The transaction whose changes the session sees; nil before its first change.
    var xid: TransactionID? { block.transaction?.xid }
    var isolation: SQLIsolation { block.transaction?.isolation ?? .readCommitted }
    var reader: SQLReader {
        SQLReader(
            xid: xid, session: block.transaction?.hasSnapshot == true ? processID : nil)
    }

    // MARK: Files

    func contents(of piece: FilePiece, ifPresent: Bool) throws(ServerError) -> SQLDatum {
        guard let found = files[piece] else {
            wantedFile = piece
            return .null
        }
        if let found { return .bytes(found) }
        guard !ifPresent else { return .null }
        throw ServerError(
            code: .undefinedFile,
            message: "could not open file \"\(piece.path)\" for reading: No such file or directory")
    }

    /// What the statement that was run must read before it can be run again; nil: nothing.
    func takeWantedFile() -> FilePiece? {
        defer { wantedFile = nil }
        if wantedFile == nil { files = [:] }
        return wantedFile
    }

    /// A piece was read; nil: there is no such file.
    func hasRead(_ bytes: [UInt8]?, of piece: FilePiece) {
        files.updateValue(bytes, forKey: piece)
        pause = .zero
    }

    // MARK: Transactions

    /// Begins what `finish` ends, unless something is open. PostgreSQL: `StartTransactionCommand`.
    func start() { block.start(newTransaction()) }

    private func newTransaction(readOnly: Bool? = nil) -> TransactionBlock.Transaction {
        TransactionBlock.Transaction(
            isReadOnly: readOnly ?? settings.isReadOnlyByDefault, startedAt: host.now)
    }

    /// The statement at hand reads from a snapshot, as it is now, and so do those behind it.
    func openSnapshotIfRepeatable() {
        guard isolation == .repeatableRead else { return }
        openSnapshot()
    }

    private func openSnapshot() {
        guard let transaction = block.transaction, !transaction.hasSnapshot else { return }
        block.update { $0.hasSnapshot = true }
        host.openSnapshot(for: processID)
    }

    private func closeSnapshot() {
        block.update { $0.hasSnapshot = false }
        host.closeSnapshot(of: processID)
    }

    /// The statement goes on for so much longer, and its snapshot is held as long.
    func pause(for duration: Duration) {
        pause += duration
        openSnapshot()
    }

    /// How long the statement that was run still goes on.
    func takePause() -> Duration {
        defer { pause = .zero }
        return pause
    }

    /// The statement that went on is over; of its transaction the next sees what there is then.
    func pauseEnded() {
        if isolation == .readCommitted { closeSnapshot() }
    }

    /// Ends a transaction that no BEGIN opened; nil if there is nothing to wait for. PostgreSQL:
    /// `CommitTransactionCommand`.
    func finish() throws(ServerError) -> Ending? {
        // Others may have committed behind what is waited for, and whoever waits does so in order.
        let end = host.standing.insertLSN
        let withoutCommit = awaitsLog ? Ending(position: end, isCommit: false) : nil
        awaitsLog = false
        guard let ended = block.takeImplicit() else { return withoutCommit }
        closeSnapshot()
        guard let xid = ended.xid else { return withoutCommit }
        do throws(ServerError) {
            try host.checkMayWrite("COMMIT")
            let position = try host.commit(xid)
            return Ending(position: position, isCommit: true, changes: takeChanges(of: xid))
        } catch {
            abort(xid)
            throw error
        }
    }

    private func takeChanges(of xid: TransactionID) -> [TableChange] {
        defer { kept = nil }
        guard let kept, kept.xid == xid else { return [] }
        return kept.changes
    }

    /// A statement failed: what its transaction changed is undone. PostgreSQL:
    /// `AbortCurrentTransaction`.
    func statementFailed() {
        pause = .zero
        (files, wantedFile) = ([:], nil)
        closeSnapshot()
        abort(xid)
        block.fail()
    }

    /// The connection is gone.
    func rollBack() {
        closeSnapshot()
        abort(xid)
        block.rollBack()
    }

    private func abort(_ xid: TransactionID?) {
        if let xid { host.abort(xid) }
    }

    func begin(readOnly: Bool?, _ isolation: SQLIsolation?) -> SQLAnswer {
        var answer = SQLAnswer(tag: "BEGIN")
        if !block.begin(newTransaction(readOnly: readOnly)) {
            answer.notice = ServerError(
                severity: .warning, code: .activeSQLTransaction,
                message: "there is already a transaction in progress")
        }
        if let readOnly { makeReadOnly(readOnly) }
        if let isolation { block.update { $0.isolation = isolation } }
        return answer
    }

    /// `SET TRANSACTION ISOLATION LEVEL`.
    func isolate(_ isolation: SQLIsolation) throws(ServerError) {
        guard block.transaction?.hasSnapshot != true else {
            throw ServerError(
                code: .activeSQLTransaction,
                message: "SET TRANSACTION ISOLATION LEVEL must be called before any query")
        }
        block.update { $0.isolation = isolation }
    }

    func makeReadOnly(_ isReadOnly: Bool) {
        block.update { $0.isReadOnly = isReadOnly }
    }

    /// The block becomes one that `finish` ends.
    func commit() -> SQLAnswer {
        switch block.commit() {
        case .block: SQLAnswer(tag: "COMMIT")
        case .failedBlock: SQLAnswer(tag: "ROLLBACK")
        case .noBlock: SQLAnswer(notice: .noTransaction, tag: "COMMIT")
        }
    }

    func rollBackBlock() -> SQLAnswer {
        let wasOpen = state != .idle
        rollBack()
        return SQLAnswer(notice: wasOpen ? nil : .noTransaction, tag: "ROLLBACK")
    }

    // MARK: Changes

    /// Makes changes to the table, in the session's transaction.
    func apply(_ changes: [TableChange]) throws(ServerError) {
        guard !changes.isEmpty else {
            awaitsLog = awaitsLog || host.hasUnflushedCommits
            return
        }
        if isolation == .repeatableRead {
            for change in changes { try checkUnchanged(change.key) }
        }
        let xid = xid ?? host.begin()
        block.update { $0.xid = xid }
        for change in changes { try host.apply(change, xid: xid) }
        if keepsChanges { keep(changes, of: xid) }
    }

    private func keep(_ changes: [TableChange], of xid: TransactionID) {
        if kept?.xid != xid { kept = (xid, []) }
        kept?.changes += changes
    }

    /// Ends the segment being written. PostgreSQL: `pg_switch_wal`.
    func switchWAL() throws(ServerError) -> LSN {
        _ = try primary()
        let switched = try host.switchWAL()
        awaitsLog = true
        return switched
    }

    /// Refuses a change of a row that somebody has changed whom the transaction does not see.
    /// PostgreSQL: `TM_Updated` in REPEATABLE READ.
    private func checkUnchanged(_ key: String) throws(ServerError) {
        guard host.isChanged(key, behind: reader) else { return }
        throw ServerError(
            code: .serializationFailure,
            message: "could not serialize access due to concurrent update")
    }

    /// The same of the one row that a WHERE clause means, which may be gone.
    func checkUnchanged(_ key: SQLValue?, _ values: [SQLDatum]) throws(ServerError) {
        guard isolation == .repeatableRead, let key = key?.text(values) else { return }
        try checkUnchanged(key)
    }

    /// Refuses a change where none can be made.
    func checkMayWrite(_ verb: String) throws(ServerError) {
        try host.checkMayWrite(verb)
        guard !isReadOnly else {
            throw ServerError(
                code: .readOnlySQLTransaction,
                message: "cannot execute \(verb) in a read-only transaction")
        }
    }
}

extension ServerError {
    fileprivate static var noTransaction: ServerError {
        ServerError(
            severity: .warning, code: .noActiveSQLTransaction,
            message: "there is no transaction in progress")
    }
}
