import WALFormat

/// How long the other end of a stream has sent nothing: after half the time allowed it is asked
/// for a reply, once; after all of it it is taken for dead. Both ends judge each other so.
/// PostgreSQL: `WalSndKeepaliveIfNecessary`, `WalSndCheckTimeOut` and their like in the receiver.
///
/// - A timeout of zero (or less) allows any silence.
struct Silence: Hashable {
    /// What is due.
    enum Step: Hashable {
        case nothing
        /// Ask for a reply.
        case ask
        /// Give it up.
        case giveUp
    }

    /// When it last sent something.
    private(set) var since: PostgresTime
    /// It was asked, and has not answered.
    var isAsked = false

    init(since: PostgresTime) {
        self.since = since
    }

    mutating func received(at now: PostgresTime) {
        // Time that goes back would make the other end older than it is.
        since = max(since, now)
        isAsked = false
    }

    mutating func postpone(by span: Int64, since start: PostgresTime) {
        since.postpone(by: span, since: start)
    }

    func due(at now: PostgresTime, timeout: Duration, asks: Bool) -> Step {
        guard timeout > .zero else { return .nothing }
        if now >= since.advanced(by: timeout) { return .giveUp }
        guard asks, !isAsked, now >= since.advanced(by: timeout / 2) else { return .nothing }
        return .ask
    }

    /// When `due` has something next; nil when never.
    func nextDeadline(timeout: Duration, asks: Bool) -> PostgresTime? {
        guard timeout > .zero else { return nil }
        return since.advanced(by: asks && !isAsked ? timeout / 2 : timeout)
    }
}
