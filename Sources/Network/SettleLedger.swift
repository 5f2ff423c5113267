/// Counts what is moving between the lab's own sockets, disks and the loop. At zero the lab is
/// still: every byte written was read and handled at the other end (or is held back by an end
/// that has paused), every connect has met its accept, every close was seen, every disk job has
/// reported back.
///
/// The rule everywhere is *add before, subtract after*: a cause is counted before it leaves, and
/// taken off only when its effect, and all that the effect set off, has been counted. So the count
/// cannot touch zero in the middle of a chain.
///
/// - Touched on the lab's loop only.
/// - Connections from and to outside programs have an account with one end; it counts for nothing.
final class SettleLedger {
    /// How many things are moving: bytes, connects, closes, jobs.
    private(set) var moving = 0
    /// How many of them are waits for an outside program.
    private(set) var outsideWaits = 0
    /// Nothing of the lab's own moves; an outside program may be waited for.
    var isQuiet: Bool { moving == outsideWaits }
    /// How many outside programs are connected, or are about to be: pairs of which one end alone is
    /// the lab's.
    private(set) var outsiderCount = 0
    /// Called whenever the lab has become quiet.
    var onStill: () -> Void = {}

    let rule: LoopRule
    private var accounts: [PortPair: SocketAccount] = [:]
    /// How many of the lab's own ends are connecting, by the port they connect to.
    private var dials: [Int: Int] = [:]
    /// Accepts that may be those of connects whose answer is still to come.
    private var strangers: [Stranger] = []

    /// An end that was accepted, and of whose other end nothing is known yet.
    private struct Stranger {
        let account: SocketAccount
        let known: (_ isInsider: Bool) -> Void
    }

    init(rule: LoopRule = .none) {
        self.rule = rule
    }

    /// Counts one thing that is under way: a connect, a disk job, a handler at work.
    func begin() {
        rule.check()
        moving += 1
    }

    /// The lab waits for an outside program, whose next word is a thing under way.
    func beginOutsideWait() {
        outsideWaits += 1
        begin()
    }

    /// It waits no longer.
    func endOutsideWait() {
        outsideWaits -= 1
        end()
    }

    /// Takes one thing begun off the count.
    func end() {
        precondition(moving > 0, "the settle ledger was charged back more than it lent")
        moving -= 1
        if isQuiet { onStill() }
    }

    /// Takes one thing off without a call to `onStill`: for the stepper's own look at the count.
    func endQuietly() {
        precondition(moving > 0, "the settle ledger was charged back more than it lent")
        moving -= 1
    }

    /// Runs `body` as something moving, so that stillness waits for all its consequences.
    func during(_ body: () -> Void) {
        begin()
        body()
        end()
    }

    /// The account of the socket pair, found by either end; the first to come opens it.
    func attach(_ side: SocketSide, of pair: PortPair, expectsAccept: Bool) -> SocketAccount {
        let known = accounts[pair].flatMap { $0[side].isAttached ? nil : $0 }
        let account = known ?? SocketAccount(pair: pair)
        accounts[pair] = account
        change(account) { $0.attach(side, expectsAccept: expectsAccept) }
        return account
    }

    /// An account for the lab's end of a connection to an outside program. Nobody finds it by its
    /// ports, which on another machine may be those of a pair in here: so it stays with one end.
    func attachOutsider(of pair: PortPair) -> SocketAccount {
        let account = SocketAccount(pair: pair)
        change(account) { $0.attach(.dialer, expectsAccept: false) }
        return account
    }

    /// Applies a change to an account and to the count.
    func change(_ account: SocketAccount, _ mutate: (SocketAccount) -> Void) {
        rule.check()
        let (before, wasOutside) = (account.moving, account.isOutside)
        mutate(account)
        moving += account.moving - before
        outsiderCount += (account.isOutside ? 1 : 0) - (wasOutside ? 1 : 0)
        if isOver(account), accounts[account.pair] === account {
            accounts[account.pair] = nil
        }
        if isQuiet, before != 0 { onStill() }
    }

    /// One of the lab's own ends is about to connect to a port.
    func dialBegins(to port: Int) {
        dials[port, default: 0] += 1
    }

    /// It is connected and attached, or was refused.
    func dialEnds(to port: Int) {
        dials[port, default: 1] -= 1
        if dials[port] == 0 {
            dials[port] = nil
            accounts = accounts.filter { $0.key.listener != port || !isOver($0.value) }
        }
        let asked = strangers
        strangers = []
        for stranger in asked { whenKnown(stranger.account, stranger.known) }
    }

    /// Says of an end that was accepted whether the other end is one of the lab's own: at once, or
    /// when the last of those that are connecting to the port knows which end was its own.
    func whenKnown(_ account: SocketAccount, _ known: @escaping (_ isInsider: Bool) -> Void) {
        guard !account.isWhole, isDialled(account.pair.listener) else {
            return known(account.isWhole)
        }
        strangers.append(Stranger(account: account, known: known))
    }

    /// Whether one of the lab's own ends is connecting to the port.
    func isDialled(_ port: Int) -> Bool { dials[port] != nil }

    /// Both ends are gone and neither is still to come. The end that accepted may have closed
    /// before the one that dials has heard of its success.
    private func isOver(_ account: SocketAccount) -> Bool {
        account.isFinished
            && (account[.dialer].isAttached || dials[account.pair.listener] == nil)
    }

    /// A connect was met by a reset instead of an accept. One of the lab's own will see that.
    func turnedAway(_ pair: PortPair) {
        during {
            let account = attach(.acceptor, of: pair, expectsAccept: false)
            change(account) { $0.closed(.acceptor, byReset: true) }
        }
    }

    /// A listener is gone: what waited in its backlog will never be accepted.
    func listenerClosed(port: Int) {
        for account in accounts.values where account.pair.listener == port {
            change(account) { $0.acceptNeverComes() }
        }
    }
}

/// The two ports that name a loopback socket pair to both its ends.
struct PortPair: Hashable {
    let listener: Int
    let dialer: Int
}

/// Which end of a socket pair.
enum SocketSide: Hashable {
    case dialer
    case acceptor

    var other: SocketSide {
        switch self {
        case .dialer: .acceptor
        case .acceptor: .dialer
        }
    }
}

/// What is under way on one socket pair. Ports come back, so an account belongs to its two
/// `Connection` objects and is never looked up again once both have it.
final class SocketAccount {
    struct End {
        var isAttached = false
        var isOpen = false
        /// Paused ends hold bytes back on purpose: what waits for them is not moving.
        var isPaused = false
        /// Bytes written by the other end that this end has not handled.
        var unhandled = 0
        /// The other end has closed and this end has not seen it.
        var owesClose = false

        var moving: Int { isPaused ? 0 : unhandled + (owesClose ? 1 : 0) }
    }

    let pair: PortPair
    private var dialer = End()
    private var acceptor = End()
    private var awaitsAccept = false

    init(pair: PortPair) {
        self.pair = pair
    }

    subscript(side: SocketSide) -> End {
        get {
            switch side {
            case .dialer: dialer
            case .acceptor: acceptor
            }
        }
        set {
            switch side {
            case .dialer: dialer = newValue
            case .acceptor: acceptor = newValue
            }
        }
    }

    /// Both ends are the lab's own.
    var isWhole: Bool { dialer.isAttached && acceptor.isAttached }
    /// One end alone is the lab's own, as far as is known yet.
    var isOutside: Bool { !isWhole && !isFinished }
    var isFinished: Bool { !dialer.isOpen && !acceptor.isOpen && !awaitsAccept }
    var moving: Int {
        (isWhole ? dialer.moving + acceptor.moving : 0) + (awaitsAccept ? 1 : 0)
    }

    func attach(_ side: SocketSide, expectsAccept: Bool) {
        self[side].isAttached = true
        self[side].isOpen = true
        switch side {
        case .acceptor: awaitsAccept = false
        case .dialer: awaitsAccept = expectsAccept && !acceptor.isAttached
        }
        if self[side.other].isAttached, !self[side.other].isOpen { self[side].owesClose = true }
    }

    func acceptNeverComes() {
        awaitsAccept = false
    }

    /// `side` is about to write `count` bytes. Nothing is owed by an end that has closed.
    func wrote(_ count: Int, from side: SocketSide) {
        let reader = side.other
        guard self[side].isOpen, self[reader].isOpen || !self[reader].isAttached else { return }
        self[reader].unhandled += count
    }

    /// `side` has handled `count` bytes, and what that set off is counted.
    func handled(_ count: Int, at side: SocketSide) {
        self[side].unhandled -= min(count, self[side].unhandled)
    }

    func paused(_ isPaused: Bool, at side: SocketSide) {
        self[side].isPaused = isPaused
    }

    /// `side` closes or has seen the close: it gives back what it had not read, and the other end,
    /// if open, has a close to see. A dialer that was reset may never come out of the backlog.
    func closed(_ side: SocketSide, byReset: Bool) {
        guard self[side].isOpen else { return }
        self[side] = End(isAttached: true)
        if side == .dialer, byReset { awaitsAccept = false }
        if self[side.other].isOpen { self[side.other].owesClose = true }
    }
}
