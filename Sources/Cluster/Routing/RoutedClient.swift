package import LabClock

/// One client of an application, which writes at a pace and finds the primary by a route. Pure: it
/// is told what time it is, where the route leads and what its connection does, and says what to
/// do.
///
/// - It has one connection and one write under way, and waits for the answer: what is due meanwhile
///   is left out, not made up for.
/// - A client of a *name* believes an answer for its ttl, be the node dead or no primary any more.
///   It keeps a connection that works as long as it believes the name, as a pool does whose
///   connections live no longer than that.
/// - Of an *address* that has moved it hears when it next sends: the new owner does not know the
///   connection, and resets it. That write was never executed.
/// - Behind a *pooler* it keeps its own connection. A write that finds no server waits there, until
///   the pooler is repointed (RELOAD, RESUME) or the client gives up.
package struct RoutedClient: Hashable, Sendable {
    /// How it goes about it.
    package struct Terms: Hashable, Sendable {
        /// From one write to the next.
        package let interval: Duration
        /// After an error it leaves its pool alone for so long.
        package let retry: Duration

        package init(interval: Duration, retry: Duration = .zero) {
            precondition(interval > .zero && retry >= .zero, "a write is due, some time")
            self.interval = interval
            self.retry = retry
        }
    }

    /// libpq's `connect_timeout`, of the shortest length that it keeps.
    package static let connectTimeout = Duration.seconds(2)
    /// How long it waits for an answer. libpq would wait for ever: it is the application that gives
    /// up, as JDBC's `socketTimeout` does.
    package static let answerTimeout = Duration.seconds(5)

    /// What became of a write, as far as the client knows.
    package enum Outcome: Hashable, Sendable {
        /// It is committed; on a node that was no longer the primary, by `isZombie`.
        case ok(isZombie: Bool)
        /// It was not executed.
        case failed(Trouble)
        /// Nobody has told.
        case unknown(Trouble)
    }

    /// What a client meets instead of an OK.
    package enum Trouble: Hashable, Sendable {
        /// Nobody listens there.
        case refused
        /// No connection within ``connectTimeout``.
        case connectTimedOut
        /// The connection went away.
        case lost
        /// No answer within ``answerTimeout``.
        case answerTimedOut
        /// The address has a new owner, who knows nothing of the connection.
        case reset
        /// The pooler has no server, and the client has waited long enough.
        case noServer
        /// The server's error, by its SQLSTATE.
        case server(code: String)
    }

    /// What the shell has to do.
    package enum Action: Hashable, Sendable {
        /// Send a write to a node, over the connection there is or a new one.
        case write(Int, to: String)
        /// Close the connection to a node; what is under way over it is lost.
        case hangUp(String)
        /// It was told that the primary is there.
        case told(String)
        /// A write that was to go to a node has come to its end.
        case ended(Int, at: String, Outcome)
    }

    /// What was last heard of a name.
    private struct Belief: Hashable {
        let node: String
        let until: LabInstant
    }

    private struct Session: Hashable {
        let node: String
        /// The route's count when it was made.
        let changeCount: Int
    }

    /// A write that is under way.
    private struct Attempt: Hashable {
        enum Stage: Hashable {
            /// To a server.
            case sent(connected: Bool, isGivenUp: Bool)
            /// Waiting at the pooler.
            case queued(isWoken: Bool)
        }
        let number: Int
        let node: String
        let began: LabInstant
        var until: LabInstant
        var stage: Stage
    }

    package let terms: Terms
    private var next: LabInstant
    private var number: Int
    private var belief: Belief?
    private var session: Session?
    private var attempt: Attempt?

    /// - Parameters:
    ///   - first: when it writes first.
    ///   - lookedUp: it has been there for a while, and looked the name up then.
    ///   - number: of the last write that somebody made in its name.
    package init(
        _ terms: Terms, first: LabInstant, by route: ClientRoute, lookedUp: LabInstant,
        after number: Int = 0
    ) {
        self.terms = terms
        next = first
        self.number = number
        if case .dns(let ttl) = route.kind {
            belief = Belief(node: route.target, until: lookedUp.advanced(by: ttl))
        }
    }

    /// The number of its last write.
    package var writeCount: Int { number }

    /// When something is due next.
    package var due: LabInstant {
        guard let attempt else { return next }
        if case .queued(isWoken: true) = attempt.stage { return .start }
        if case .sent(_, isGivenUp: true) = attempt.stage { return .init(nanoseconds: .max) }
        return attempt.until
    }

    /// Where it sends its writes now, and until when it believes that; nil: until it is told.
    package func destination(by route: ClientRoute) -> (node: String, until: LabInstant?) {
        if case .dns = route.kind, let belief { return (belief.node, belief.until) }
        return (route.target, nil)
    }
}

// What happens to it.
extension RoutedClient {
    /// Time has passed, or the pooler goes on.
    package mutating func passed(to now: LabInstant, by route: ClientRoute) -> [Action] {
        guard let attempt else { return next <= now ? begin(at: now, by: route) : [] }
        switch attempt.stage {
        case .queued(isWoken: true): return send(attempt.number, attempt.began, route.target, now)
        case .queued(isWoken: false):
            guard attempt.until <= now else { return [] }
            return end(.failed(.noServer), at: now)
        case .sent(let connected, isGivenUp: false):
            guard attempt.until <= now else { return [] }
            self.attempt?.stage = .sent(connected: connected, isGivenUp: true)
            return [.hangUp(attempt.node)]
        case .sent(_, isGivenUp: true): return []
        }
    }

    /// The route leads elsewhere.
    package mutating func repointed(_ route: ClientRoute) -> [Action] {
        switch route.kind {
        case .dns: return []
        case .vip: return [.told(route.target)]
        case .pooler:
            if case .queued = attempt?.stage { attempt?.stage = .queued(isWoken: true) }
            return [.told(route.target)]
        }
    }

    /// Another kind of route, to the same node.
    package mutating func rerouted(_ route: ClientRoute, at now: LabInstant) {
        switch route.kind {
        case .dns(let ttl):
            belief = Belief(node: route.target, until: now.advanced(by: ttl))
        case .vip, .pooler: belief = nil
        }
        session = session.map { Session(node: $0.node, changeCount: route.changeCount) }
        if case .queued = attempt?.stage { attempt?.stage = .queued(isWoken: true) }
    }

    /// The connection to a node is up; a write that waited for it is sent.
    package mutating func connected(to node: String, by route: ClientRoute, at now: LabInstant) {
        session = Session(node: node, changeCount: route.changeCount)
        guard let attempt, attempt.node == node,
            case .sent(connected: false, isGivenUp: false) = attempt.stage
        else { return }
        self.attempt?.stage = .sent(connected: true, isGivenUp: false)
        self.attempt?.until = now.advanced(by: Self.answerTimeout)
    }

    /// The connection to a node is gone.
    package mutating func disconnected(from node: String) {
        if session?.node == node { session = nil }
    }

    /// A write was answered.
    package mutating func answered(
        _ number: Int, _ outcome: Outcome, at now: LabInstant
    ) -> [Action] {
        guard attempt?.number == number else { return [] }
        return end(outcome, at: now)
    }

    /// A write has no answer and never will have: its connection was refused, or went away.
    package mutating func lost(
        _ number: Int, wasSent: Bool, by route: ClientRoute, at now: LabInstant
    ) -> [Action] {
        guard let attempt, attempt.number == number,
            case .sent(_, let isGivenUp) = attempt.stage
        else { return [] }
        if wasSent { return end(.unknown(isGivenUp ? .answerTimedOut : .lost), at: now) }
        guard route.kind == .pooler, !isGivenUp else {
            return end(.failed(isGivenUp ? .connectTimedOut : .refused), at: now)
        }
        let until = attempt.began.advanced(by: Self.answerTimeout)
        // Repointed meanwhile, or another try is of no use before it is.
        self.attempt?.stage = .queued(isWoken: attempt.node != route.target)
        self.attempt?.until = until
        return []
    }
}

// What it does about it.
extension RoutedClient {
    private mutating func begin(at now: LabInstant, by route: ClientRoute) -> [Action] {
        number += 1
        skip(to: now.advanced(by: terms.interval))
        var actions = lookUp(at: now, by: route)
        let node = destination(by: route).node
        if let session {
            if route.kind == .vip, session.changeCount != route.changeCount {
                self.session = nil
                attempt = Attempt(
                    number: number, node: node, began: now, until: now,
                    stage: .queued(isWoken: false))
                return actions + [.hangUp(session.node)] + end(.failed(.reset), at: now)
            }
            if session.node != node {
                self.session = nil
                actions.append(.hangUp(session.node))
            }
        }
        return actions + send(number, now, node, now)
    }

    private mutating func send(
        _ number: Int, _ began: LabInstant, _ node: String, _ now: LabInstant
    ) -> [Action] {
        let isConnected = session?.node == node
        let patience = isConnected ? Self.answerTimeout : Self.connectTimeout
        attempt = Attempt(
            number: number, node: node, began: began, until: now.advanced(by: patience),
            stage: .sent(connected: isConnected, isGivenUp: false))
        return [.write(number, to: node)]
    }

    /// Asks for the name again when what it heard is too old.
    private mutating func lookUp(at now: LabInstant, by route: ClientRoute) -> [Action] {
        guard case .dns(let ttl) = route.kind else { return [] }
        if let belief, now < belief.until { return [] }
        let before = belief?.node
        belief = Belief(node: route.target, until: now.advanced(by: ttl))
        return before == route.target ? [] : [.told(route.target)]
    }

    private mutating func end(_ outcome: Outcome, at now: LabInstant) -> [Action] {
        guard let ended = attempt else { return [] }
        attempt = nil
        switch outcome {
        case .ok: skip(to: now)
        case .failed, .unknown: skip(to: now.advanced(by: terms.retry))
        }
        return [.ended(ended.number, at: ended.node, outcome)]
    }

    /// Its pace goes on, with the first of its instants that is not before that one.
    private mutating func skip(to instant: LabInstant) {
        let (interval, behind) = (
            terms.interval.wholeNanoseconds, instant.since(next).wholeNanoseconds
        )
        guard behind > 0 else { return }
        next = next.advanced(by: .nanoseconds((behind + interval - 1) / interval * interval))
    }
}
