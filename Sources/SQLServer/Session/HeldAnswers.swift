import WALFormat
import WireProtocol

/// What a connection will hear once the commits before it are durable.
///
/// All that is said on the connection passes through here, so nothing can overtake an OK that is
/// said before it.
///
/// - While nothing is awaited, everything passes.
/// - What is said behind a commit is held until the log is durable up to that commit's end.
/// - Positions never go back along the line.
struct HeldAnswers {
    private struct Group {
        let position: LSN
        var actions: [SQLAction] = []
    }

    private var groups: [Group] = []
    /// About as many bytes as are held.
    private var byteCount = 0
    /// The last of what is held ends the connection: nothing comes behind it.
    private(set) var endsConnection = false

    /// So many commits, or so many bytes, and the connection is made to wait.
    private static let maximumCount = 512
    private static let maximumByteCount = 1 << 16

    /// Nothing is awaited.
    var isEmpty: Bool { groups.isEmpty }
    /// No more should be said before some of it was let go.
    var isFull: Bool {
        groups.count >= Self.maximumCount || byteCount >= Self.maximumByteCount
    }

    /// What is said from now on waits for the log up to `position`.
    mutating func await(_ position: LSN) {
        precondition(groups.last.map { $0.position <= position } ?? true, "\(position) goes back")
        groups.append(Group(position: position))
    }

    /// Gives back what may be said now, nil if it is held.
    mutating func pass(_ action: SQLAction) -> SQLAction? {
        guard !groups.isEmpty else { return action }
        groups[groups.count - 1].actions.append(action)
        byteCount += action.heldByteCount
        if case .end = action { endsConnection = true }
        return nil
    }

    /// The log is durable up to `position`. Gives back what may be said, in order; it is sent
    /// together.
    mutating func letGo(upTo position: LSN) -> [SQLAction] {
        let count = groups.prefix { $0.position <= position }.count
        guard count > 0 else { return [] }
        let free = groups.prefix(count).flatMap(\.actions)
        groups.removeFirst(count)
        byteCount -= free.reduce(0) { $0 + $1.heldByteCount }
        guard let last = free.lastIndex(of: .flush) else { return free }
        return free.indices.filter { free[$0] != .flush || $0 == last }.map { free[$0] }
    }

    /// Nobody will be told any of it.
    mutating func drop() { self = HeldAnswers() }
}

extension SQLAction {
    /// What it takes to hold it; messages that a client cannot make long count the same.
    fileprivate var heldByteCount: Int {
        switch self {
        case .sendEncoded(let bytes): bytes.count
        case .send(let message): message.heldByteCount
        case .tellOfCommit(_, let changes): changes.reduce(0) { $0 + $1.byteCount }
        case .flush, .skipToSync, .awaitFlush, .readFile, .wake, .end: 0
        }
    }
}

extension TableChange {
    fileprivate var byteCount: Int {
        switch self {
        case .put(let key, let value): key.utf8.count + value.utf8.count
        case .delete(let key): key.utf8.count
        }
    }
}

extension BackendMessage {
    fileprivate var heldByteCount: Int {
        switch self {
        case .readyForQuery, .commandComplete, .emptyQueryResponse, .parseComplete, .bindComplete,
            .closeComplete, .noData, .portalSuspended, .authenticationOK, .encryptionAnswer,
            .backendKeyData, .copyInResponse, .copyOutResponse, .copyBothResponse, .copyDone:
            16
        case .parameterStatus(let name, let value): name.utf8.count + value.utf8.count + 8
        case .authentication, .negotiateProtocolVersion, .rowDescription, .dataRow, .errorResponse,
            .noticeResponse, .parameterDescription, .copyData:
            encoded().count
        }
    }
}
