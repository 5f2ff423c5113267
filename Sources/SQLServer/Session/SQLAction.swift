package import WALFormat
package import WireProtocol

/// What an SQL conversation asks of the connection that carries it.
package enum SQLAction: Hashable, Sendable {
    /// Put a message behind those that wait to be sent together.
    case send(BackendMessage)
    /// The same with messages that are encoded already: rows.
    case sendEncoded([UInt8])
    /// Send what waits: the client has its turn, or wants to hear.
    case flush
    /// Drop what the client sends, up to its Sync.
    case skipToSync
    /// Make the log durable up to here and say so: at once if it is, `logFlushFailed` if it never
    /// will be.
    case awaitFlush(LSN)
    /// What is said next tells the client of a commit that ends here, and made these changes. Only
    /// for a connection whose changes somebody asks for.
    case tellOfCommit(LSN, [TableChange])
    /// Read a piece of a file, as it is at this moment. Answer with `fileRead`.
    case readFile(FilePiece)
    /// Call `timeReached` at this instant.
    case wake(at: PostgresTime)
    /// Send this last error, if there is one, and close.
    case end(ServerError?)
}
