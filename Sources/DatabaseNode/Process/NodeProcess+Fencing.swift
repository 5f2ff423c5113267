import LabClock
import SQLServer
import WireProtocol

// A primary that is kept from writing.
extension NodeProcess {
    /// Whether it takes no writes though it could.
    package var isFenced: Bool { !isInRecovery && fence.refuses(at: now) }

    /// Carries out `ALTER SYSTEM`.
    func alter(_ change: ServerChange) throws(ServerError) {
        guard !isInRecovery else {
            throw ServerError(
                code: .readOnlySQLTransaction,
                message: "cannot execute ALTER SYSTEM of what concerns writes during recovery")
        }
        var changed = fence
        switch change {
        case .readOnly(let isReadOnly): changed.isReadOnly = isReadOnly
        case .lease(let end): changed.leaseEnd = end.map(LabTime.instant)
        }
        self.change(changed)
        watchLease()
    }

    /// The end of a lease is told of, also when nobody writes.
    func watchLease() {
        leaseDeadline.cancel()
        guard let end = fence.leaseEnd, end > now else { return }
        leaseDeadline.move(to: end)
    }

    /// The time has come at which the lease was to end.
    func leaseIsDue() {
        guard !isInRecovery, fence.hasEnded(at: now) else { return }
        report(flushLSN, .leaseEnded)
    }

    /// Refuses a change by a fenced node. PostgreSQL's words for a read-only transaction.
    func checkIsNotFenced(_ verb: String) throws(ServerError) {
        guard fence.refuses(at: now) else { return }
        throw ServerError(
            code: .readOnlySQLTransaction,
            message: "cannot execute \(verb) in a read-only transaction",
            hint: fence.isReadOnly ? "The node is fenced." : "The node's lease has ended.")
    }
}

extension ServerError {
    /// The end of a session that waits for an OK which may not leave any more. PostgreSQL's words
    /// when a fenced server is stopped.
    static let fencedInFlight = ServerError(
        severity: .fatal, code: .adminShutdown,
        message: "terminating connection due to administrator command")
}
