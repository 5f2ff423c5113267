public import LabClock

/// The lab's clock hand: it moves lab time from timer to timer, and only while the lab is still.
///
/// Within one instant it goes round by round. A round lets everything that moves come to rest
/// (`SettleLedger` at zero), gives out what the disks have answered (`ThreadJobs`), and lets that
/// come to rest; then the *lulls* run, in the order of their names: work that a node puts off until
/// nothing more is arriving, such as sending what was flushed. A round in which no lull had work to
/// do ends the instant. So what is sent at an instant depends on what had come to rest, never on
/// which of two sockets the kernel woke first. A timer that is asked for at the present instant
/// fires after the lulls: whoever asks for that lets everyone else have a turn.
///
/// - Touched on the lab's loop only.
/// - The clock stands still between runs; outside programs are served without moving it.
public final class Stepper {
    /// Work to do whenever the lab has come to rest; says whether there was any.
    public typealias Lull = () -> Bool

    /// Called at each stillness on the way to an instant. It may move things of the lab that only
    /// go round ahead of the clock, and says up to when it has: no run ends before that.
    public typealias Shortcut = (_ goal: LabInstant) -> LabInstant

    /// How far a run shall go.
    public enum Goal {
        /// Until nothing moves and nothing more is due at the present instant.
        case still
        /// Until the clock shows this instant and the lab is still there.
        case instant(LabInstant, shortcut: Shortcut? = nil)
        /// Until the condition holds at a stillness, at the latest at the bound.
        case condition(by: LabInstant, holds: () -> Bool)
        /// Until the condition holds at a stillness, however long that takes: it is about outside
        /// programs, which have no share in lab time. The clock stands still.
        case outside(holds: () -> Bool)
    }

    /// Why a run ended.
    public enum End: Hashable, Sendable {
        case reached
        /// The bound came first; the clock stands at the bound.
        case boundReached
        case interrupted
    }

    /// The present lab time.
    public private(set) var now: LabInstant

    let ledger: SettleLedger
    /// What other threads do for the loop.
    let jobs = ThreadJobs()
    private let later: (@escaping () -> Void) -> Void
    private var timers = TimerQueue<() -> Void>()
    private var lulls: [(name: String, run: Lull)] = []
    /// Times that due timers were fired, and whether they are being fired now.
    private var passCount = 0
    private var isFiring = false
    private var run: (goal: Goal, isInterrupted: Bool, ended: (End) -> Void)?
    /// The present run is to end early. It ends at the next stillness, and no instant need come to
    /// one while somebody has more to do at it: who makes work for itself asks here first.
    public var isInterrupted: Bool { run?.isInterrupted ?? false }
    /// Some of the lab is ahead of the clock, and there is no stop before this instant.
    private var aheadUntil = LabInstant.start
    private var isCheckQueued = false

    init(now: LabInstant, ledger: SettleLedger, later: @escaping (@escaping () -> Void) -> Void) {
        self.now = now
        self.ledger = ledger
        self.later = later
        ledger.onStill = { [unowned self] in wake() }
        jobs.onArrival = { [unowned self] in
            if run == nil, ledger.outsiderCount > 0 { giveOutAnswers() } else { wake() }
        }
        jobs.onDelay = { [unowned self] in wake() }
    }

    /// Asks for `body` to run at `instant`; ties are broken by `owner`, then by order of asking.
    @discardableResult
    public func schedule(
        at instant: LabInstant, owner: String, _ body: @escaping () -> Void
    ) -> TimerQueue<() -> Void>.Token {
        ledger.rule.check()
        let pass = isFiring && instant <= now ? passCount : 0
        return timers.schedule(at: max(instant, now), pass: pass, owner: owner, body)
    }

    /// Takes back what was asked for.
    public func cancel(_ token: TimerQueue<() -> Void>.Token) {
        timers.cancel(token)
    }

    /// When the next thing is due that was asked for under none of these tokens.
    public func nextInstant(besides tokens: Set<TimerQueue<() -> Void>.Token>) -> LabInstant? {
        timers.nextInstant(besides: tokens)
    }

    /// Adds work for every stillness under a name that fixes its place among the others.
    public func addLull(_ name: String, _ lull: @escaping Lull) {
        lulls.removeAll { $0.name == name }
        lulls.append((name, lull))
        lulls.sort { $0.name < $1.name }
    }

    /// Removes the work added under `name`.
    public func removeLull(_ name: String) {
        lulls.removeAll { $0.name == name }
    }

    /// Moves the lab until the goal is met, then calls `ended` once. One run at a time.
    public func start(_ goal: Goal, ended: @escaping (End) -> Void) {
        precondition(run == nil, "the lab is already running towards a goal")
        run = (goal, false, ended)
        wake()
    }

    /// Ends the present run at the next stillness; without a run it does nothing.
    public func interrupt() {
        guard run != nil else { return }
        run?.isInterrupted = true
        wake()
    }

    /// Whether it moves the lab towards a goal that is not about outside programs.
    var isBusy: Bool {
        switch run?.goal {
        case .still, .instant, .condition: true
        case .outside, nil: false
        }
    }

    /// Looks again, soon, whether the lab is still.
    public func wake() {
        guard !isCheckQueued else { return }
        isCheckQueued = true
        later { [weak self] in
            self?.isCheckQueued = false
            self?.check()
        }
    }

    /// One look. Whatever it sets off counts as moving while it is set off, so the count comes
    /// back to zero, and the next look follows, by itself.
    private func check() {
        guard ledger.isQuiet else { return }
        // An outside program that is waited for may be waiting for a disk of the lab's.
        guard jobs.isIdle else {
            if jobs.isComplete { giveOutAnswers() } else { jobs.beginPutOff() }
            return
        }
        guard ledger.moving == 0 else { return }
        ledger.begin()
        let worked = runLulls() || fireDue()
        if worked {
            ledger.end()
            return
        }
        // Nothing was set off: this is stillness. Taking the mark off must not call for a look.
        ledger.endQuietly()
        // Whoever set something off and did not say so is found out: the next look follows it.
        guard ledger.moving == 0 else { return }
        advanceOrEnd()
    }

    private func giveOutAnswers() {
        ledger.during { jobs.giveOut() }
    }

    private func fireDue() -> Bool {
        var fired = false
        let pass = passCount
        passCount += 1
        isFiring = true
        defer { isFiring = false }
        while let body = timers.popDue(at: now, pass: pass) {
            body()
            fired = true
        }
        return fired
    }

    private func runLulls() -> Bool {
        var worked = false
        for lull in lulls where lull.run() { worked = true }
        return worked
    }

    private func advanceOrEnd() {
        guard let goal = run?.goal else { return }
        guard !isInterrupted || now < aheadUntil else { return finish(.interrupted) }
        switch goal {
        case .still:
            finish(.reached)
        case .instant(let instant, let shortcut):
            guard now < instant else { return finish(.reached) }
            if let shortcut { aheadUntil = max(aheadUntil, min(shortcut(instant), instant)) }
            advance(to: instant)
        case .condition(let bound, let holds):
            if holds() {
                finish(.reached)
            } else if now >= bound {
                finish(.boundReached)
            } else {
                advance(to: bound)
            }
        case .outside(let holds):
            if holds() { finish(.reached) }
        }
    }

    private func advance(to limit: LabInstant) {
        now = max(now, min(limit, timers.nextInstant ?? limit))
        wake()
    }

    private func finish(_ end: End) {
        let ended = run?.ended
        run = nil
        ended?(end)
    }
}
