import Network
import WireProtocol

// Who may connect. None of this counts the lab's own connections: whatever outside programs do, the
// lab's clients and replicas get in.
//
// A client that does not show who it is is put out after `authentication_timeout`, in real time, as
// in PostgreSQL; and when there are too many of them, the newest pushes the oldest out. One of the
// lab's own is put out after as much lab time: its first word may be on a wire that carries none.
extension NodeProcess {
    /// Makes room for a connection that was just accepted.
    func closeOldestUnauthenticated() {
        let unauthenticated = backends.values.filter(\.isUnauthenticated)
        guard unauthenticated.count >= settings.room.strangers,
            let oldest = unauthenticated.min(by: { $0.id < $1.id })
        else { return }
        outside.refused += 1
        oldest.kill()
        backendEnded(oldest.id)
    }

    /// Refuses a client that has said who it is, before it is asked for a password, and again when
    /// it has given it. PostgreSQL: `InitProcess`.
    func checkMayEnter(_ newcomer: Backend) throws(ServerError) {
        guard !isStopping else {
            throw ServerError(
                severity: .fatal, code: .cannotConnectNow,
                message: "the database system is shutting down")
        }
        guard !newcomer.connection.isInternal else { return }
        let sessions = backends.values.filter { $0 !== newcomer && $0.isOutsideSession }
        guard sessions.count < settings.room.sessions else {
            outside.refused += 1
            throw ServerError(
                severity: .fatal, code: .tooManyConnections,
                message: "sorry, too many clients already")
        }
    }
}

extension Backend {
    /// Whether it was let in; it may be on its way out.
    var isLetIn: Bool {
        switch mode {
        case .sql, .sender: true
        case .greeting, .authenticating, .ending, .closed: false
        }
    }

    /// Whether its first word has not come.
    var isNewcomer: Bool {
        switch mode {
        case .greeting: true
        case .authenticating, .sql, .sender, .ending, .closed: false
        }
    }

    /// An outside program that has not shown who it is.
    fileprivate var isUnauthenticated: Bool {
        switch mode {
        case .greeting, .authenticating: connection.isOutside
        case .sql, .sender, .ending, .closed: false
        }
    }

    /// An outside program that was let in, and may be on its way out.
    fileprivate var isOutsideSession: Bool {
        switch mode {
        case .sql, .sender, .ending: !connection.isInternal
        case .greeting, .authenticating, .closed: false
        }
    }
}
