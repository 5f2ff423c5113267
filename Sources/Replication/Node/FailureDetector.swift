public import WALFormat

/// Decides from checks alone whether a server is alive: step 1 of the chapter's failover. Pure.
///
/// One check goes out each interval. A check is missed when its time-out passes without an answer,
/// and after so many misses in a row the server is declared dead. A connection that is refused is
/// no answer: it counts when the time-out has passed, as silence does.
///
/// - It knows nothing of the server but answers and their absence: a cut wire, a stopped process
///   and a dead machine are one thing to it.
/// - With a time-out as long as the interval, a server is declared dead `misses` to `misses + 1`
///   intervals after it died, by the phase of its death. A pause shorter than that many intervals
///   is never taken for death.
/// - A server that was declared dead is asked on, and may answer again.
public struct FailureDetector: Hashable, Sendable {
    /// How it is to decide.
    public struct Terms: Hashable, Sendable {
        /// From one check to the next.
        public let interval: Duration
        /// So many checks in a row without an answer are death.
        public let misses: Int
        /// How long a check is waited for; no longer than the interval.
        public let timeout: Duration

        /// Terms that make sense.
        public init(interval: Duration, misses: Int, timeout: Duration) {
            precondition(interval > .zero && misses > 0, "a check is due, some time")
            precondition(timeout > .zero && timeout <= interval, "one check at a time")
            self.interval = interval
            self.misses = misses
            self.timeout = timeout
        }
    }

    /// What it holds the server for.
    public enum Verdict: Hashable, Sendable {
        case alive
        /// Since then.
        case dead(since: PostgresTime)
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Send the check of this number; answer with `answered`, or not at all.
        case ask(Int)
        /// Nobody waits any more for the answer to the check of this number.
        case giveUp(Int)
        /// Say that the server is dead: so many checks were missed, so long after the last answer.
        case declareDead(missed: Int, silence: Duration)
        /// Say that it answers again, so long after the last answer.
        case declareAlive(silence: Duration)
    }

    /// How it decides.
    public let terms: Terms
    /// What it holds the server for.
    public private(set) var verdict = Verdict.alive
    /// Checks missed since the last answer; no more are counted than it takes.
    public private(set) var missed = 0
    /// When the server last answered; before the first answer, when the checks began.
    public private(set) var lastAnswer: PostgresTime
    private var next: PostgresTime
    private var count = 0
    private var open: Check?

    private struct Check: Hashable {
        let number: Int
        let until: PostgresTime
    }

    /// Its first check is due now.
    public init(_ terms: Terms, at now: PostgresTime) {
        self.terms = terms
        lastAnswer = now
        next = now
    }

    /// When something is due next.
    public var due: PostgresTime { open?.until ?? next }

    /// Its shell knows that nothing asked now could be answered: until time passes for it again,
    /// nothing is due, and no check is waited for.
    public mutating func rest() -> [Action] {
        guard let check = open else { return [] }
        open = nil
        return [.giveUp(check.number)]
    }

    /// No check is waited for.
    public var isBetweenChecks: Bool { open == nil }

    /// Time has passed.
    public mutating func passed(to now: PostgresTime) -> [Action] {
        var actions: [Action] = []
        if let check = open, check.until <= now {
            open = nil
            actions += [.giveUp(check.number)] + miss(at: now)
        }
        skip(to: now)
        if open == nil, next <= now {
            count += 1
            open = Check(number: count, until: next.advanced(by: terms.timeout))
            next = next.advanced(by: terms.interval)
            actions.append(.ask(count))
        }
        return actions
    }

    /// The server has answered a check; one that was given up is nobody's any more.
    public mutating func answered(_ number: Int, at now: PostgresTime) -> [Action] {
        guard open?.number == number else { return [] }
        open = nil
        let silence = now.since(lastAnswer)
        (missed, lastAnswer) = (0, now)
        guard verdict != .alive else { return [] }
        verdict = .alive
        return [.declareAlive(silence: silence)]
    }

    private mutating func miss(at now: PostgresTime) -> [Action] {
        guard verdict == .alive else { return [] }
        missed += 1
        guard missed == terms.misses else { return [] }
        verdict = .dead(since: now)
        return [.declareDead(missed: missed, silence: now.since(lastAnswer))]
    }

    /// Checks that were not sent when they were due are not made up for: the next one goes out in
    /// step with those before.
    private mutating func skip(to now: PostgresTime) {
        let (interval, behind) = (terms.interval.microseconds, now.microseconds - next.microseconds)
        guard behind > 0 else { return }
        let early = (interval - behind % interval) % interval
        next = PostgresTime(microseconds: now.microseconds + early)
    }
}

// What a long wait leaves out.
extension FailureDetector {
    /// So many checks would have been sent by now, and answered as the last one was.
    public mutating func leftOut(checks: Int) {
        precondition(open == nil && verdict == .alive, "nothing goes round here")
        let span = terms.interval * checks
        count += checks
        next = next.advanced(by: span)
        lastAnswer = lastAnswer.advanced(by: span)
    }
}

extension PostgresTime {
    fileprivate func since(_ earlier: PostgresTime) -> Duration {
        .microseconds(microseconds - earlier.microseconds)
    }
}

extension Duration {
    /// Rounded down; at least one.
    fileprivate var microseconds: Int64 { max(1, Int64(self / .microseconds(1))) }
}
