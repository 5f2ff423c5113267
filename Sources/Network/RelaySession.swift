import LabClock

/// One connection over a link: the end that dialled, the end towards the target, and the two
/// directions between them.
final class RelaySession: ConnectionHandler {
    let link: Link
    let number: Int
    private let targetPort: () -> Int?
    private var ended: (() -> Void)?

    private(set) var inbound: Connection?
    private(set) var outbound: Connection?
    private(set) var isDialling = false
    private(set) var hasDialled = false
    /// Set while a connect waits for the wire to come up again.
    private(set) var dialTimer: (token: TimerQueue<() -> Void>.Token, at: LabInstant)?
    private(set) var wires: [Link.Way: Wire]

    /// One direction, what did not fit on it, and what nobody at its far end reads.
    struct Wire {
        var direction: LinkDirection
        var arrivals: [LinkDirection.Delivery] = []
        var arrivedByteCount = 0
        var overflow: [UInt8] = []
        var closeFollows = false
        var timer: TimerQueue<() -> Void>.Token?
        var timerInstant: LabInstant?
    }

    init(
        link: Link, number: Int, inbound: Connection, targetPort: @escaping () -> Int?,
        ended: @escaping () -> Void
    ) {
        self.link = link
        self.number = number
        self.inbound = inbound
        self.targetPort = targetPort
        self.ended = ended
        wires = [:]
        for way in [Link.Way.upstream, .downstream] {
            let jitter = Jitter(seed: link.seed, wire: "\(link.name) \(way)")
            wires[way] = Wire(direction: LinkDirection(capacity: link.capacity, jitter: jitter))
            setFaults(way)
        }
    }

    private func setFaults(_ way: Link.Way) {
        wires[way]?.direction.set(
            link.faults(way), returning: link.faults(way.other), now: link.lab.stepper.now)
    }

    /// Takes what comes, and connects to the target.
    func begin() {
        inbound?.creditsItself = true
        inbound?.handler = self
        dialWhenWhole()
    }

    func heldByteCount(_ way: Link.Way) -> Int {
        wires[way]?.direction.heldByteCount ?? 0
    }

    /// What it holds one way.
    func add(_ way: Link.Way, to load: inout Link.Load) {
        guard var wire = wires[way] else { return }
        wire.direction.advance(to: link.lab.stepper.now)
        load.unsent += entrance(way)?.unreadByteCount ?? 0
        load.waiting += wire.direction.waitingByteCount
        load.inFlight += wire.direction.flyingByteCount
        load.unread += wire.arrivedByteCount
    }

    /// Applies the link's faults, which have changed, to both directions, then moves what may now
    /// move.
    func changeWires() {
        for way in [Link.Way.upstream, .downstream] {
            setFaults(way)
            handArrivals(way)
            admitOverflow(way, from: entrance(way))
            pump(way)
        }
        if let dialTimer { link.lab.stepper.cancel(dialTimer.token) }
        dialTimer = nil
        dialWhenWhole()
    }

    /// The process at an end is gone, and what it had not read.
    func loseArrivals(at end: Link.End) {
        for way in [Link.Way.upstream, .downstream] where way.farEnd == end {
            wires[way]?.arrivals = []
            wires[way]?.arrivedByteCount = 0
        }
    }

    /// Whether whoever was at its ends has closed, while the wire has no room for their last bytes:
    /// no end reads them any more.
    var isAbandoned: Bool {
        let ends = [inbound, outbound].compactMap(\.self)
        return !isDialling && !ends.isEmpty && ends.allSatisfy(\.otherEndHasClosed)
    }

    /// Drops what is held and closes both ends at once.
    func sever() -> Int {
        var lost = 0
        for way in [Link.Way.upstream, .downstream] {
            lost += heldByteCount(way) + (wires[way]?.arrivedByteCount ?? 0)
            if let timer = wires[way]?.timer { link.lab.stepper.cancel(timer) }
            wires[way] = nil
        }
        if let dialTimer { link.lab.stepper.cancel(dialTimer.token) }
        dialTimer = nil
        if let inbound { link.reset(inbound, at: .dialler) }
        if let outbound { link.reset(outbound, at: .target) }
        finish()
        return lost
    }
}

// The two ends.
extension RelaySession {
    func received(_ bytes: [UInt8], on connection: Connection) {
        let way = connection === inbound ? Link.Way.upstream : .downstream
        guard wires[way] != nil else { return }
        if way == .upstream { link.tap?.sent(bytes, session: number) }
        if wires[way]!.overflow.isEmpty, bytes.count <= wires[way]!.direction.room {
            wires[way]!.direction.put(.bytes(bytes), now: link.lab.stepper.now)
            connection.credit(bytes.count)
        } else {
            wires[way]!.overflow.append(contentsOf: bytes)
            admitOverflow(way, from: connection)
        }
        pump(way)
    }

    /// An end closed: the close travels behind the bytes, and nothing more goes back to that end.
    func closed(_ connection: Connection) {
        let way = connection === inbound ? Link.Way.upstream : .downstream
        if connection === inbound { inbound = nil } else { outbound = nil }
        wires[way]?.closeFollows = true
        admitOverflow(way, from: nil)
        pump(way)
        finishIfOver()
    }

    /// A connect over a cut wire waits, as a SYN without an answer does. One to a process that does
    /// not run succeeds, and the process will see it when it runs.
    private func dialWhenWhole() {
        guard !hasDialled, !isDialling, dialTimer == nil, inbound != nil,
            !link.isFrozen(.target), let instant = link.connects
        else { return }
        guard instant > link.lab.stepper.now else { return dial() }
        dialAgain(at: instant)
    }

    private func dialAgain(at instant: LabInstant) {
        let owner = "link \(link.name) dial \(number)"
        let token = link.lab.stepper.schedule(at: instant, owner: owner) { [weak self] in
            self?.dialTimer = nil
            self?.dial()
        }
        dialTimer = (token, instant)
    }

    private func dial() {
        guard let port = targetPort() else {
            _ = sever()
            return
        }
        isDialling = true
        link.lab.dial(port: port) { [weak self] connection in
            guard let self else {
                connection?.reset()
                return
            }
            dialled(connection)
        }
    }

    private func dialled(_ connection: Connection?) {
        isDialling = false
        hasDialled = true
        guard let connection, ended != nil else {
            connection?.reset()
            _ = sever()
            return
        }
        link.carried()
        outbound = connection
        connection.creditsItself = true
        connection.handler = self
        handArrivals(.upstream)
        pump(.upstream)
        finishIfOver()
    }

    private func finishIfOver() {
        guard hasDialled || !isDialling, inbound == nil, outbound == nil else { return }
        _ = sever()
    }

    private func finish() {
        inbound = nil
        outbound = nil
        ended?()
        ended = nil
    }
}

// Moving bytes.
extension RelaySession {
    /// Takes onto the wire what there is room for, to the byte; the rest stays with its sender,
    /// whose end is paused meanwhile.
    private func admitOverflow(_ way: Link.Way, from source: Connection?) {
        guard var wire = wires[way] else { return }
        let count = min(wire.overflow.count, wire.direction.room)
        if count > 0 {
            let admitted = Array(wire.overflow.prefix(count))
            wire.overflow.removeFirst(count)
            wire.direction.put(.bytes(admitted), now: link.lab.stepper.now)
        }
        if wire.overflow.isEmpty, wire.closeFollows {
            wire.closeFollows = false
            wire.direction.put(.close, now: link.lab.stepper.now)
        }
        let isFull = !wire.overflow.isEmpty
        wires[way] = wire
        if isFull { source?.pause() }
        if count > 0 { source?.credit(count) }
        if !isFull { source?.resume() }
    }

    /// Hands over what is due and asks to be called again for what is not.
    private func pump(_ way: Link.Way) {
        let now = link.lab.stepper.now
        guard hasExit(way) else { return }
        while let limit = roomAtExit(way),
            let delivery = wires[way]?.direction.take(
                now: now, atMost: min(limit, link.allowance(way) ?? .max))
        {
            if link.isFrozen(way.farEnd) {
                wires[way]?.arrivals.append(delivery)
                wires[way]?.arrivedByteCount += delivery.byteCount
            } else {
                hand(delivery, way)
            }
            if delivery != .close { link.passed(delivery.byteCount, way) }
            admitOverflow(way, from: entrance(way))
        }
        scheduleNext(way)
    }

    /// How many bytes the far end takes; nil: none, its kernel has no room and its process does not
    /// run.
    private func roomAtExit(_ way: Link.Way) -> Int? {
        guard link.isFrozen(way.farEnd), let wire = wires[way] else { return .max }
        let room = Link.receiveWindow - wire.arrivedByteCount
        return room > 0 ? room : nil
    }

    /// The process at the far end runs again: it reads what has arrived.
    private func handArrivals(_ way: Link.Way) {
        guard !link.isFrozen(way.farEnd), way == .downstream || hasDialled,
            let arrivals = wires[way]?.arrivals, !arrivals.isEmpty
        else { return }
        wires[way]?.arrivals = []
        wires[way]?.arrivedByteCount = 0
        for delivery in arrivals { hand(delivery, way) }
    }

    private func hand(_ delivery: LinkDirection.Delivery, _ way: Link.Way) {
        switch delivery {
        case .bytes(let bytes): hand(bytes, way)
        case .close: closeExit(way)
        }
    }

    private func hand(_ bytes: [UInt8], _ way: Link.Way) {
        guard let exit = exit(way) else { return }
        exit.send(bytes)
        if way == .downstream { link.tap?.delivered(bytes, session: number) }
    }

    private func scheduleNext(_ way: Link.Way) {
        guard let wire = wires[way] else { return }
        let next = roomAtExit(way) == nil ? nil : wire.direction.nextDue
        guard wire.timerInstant != next else { return }
        if let timer = wire.timer { link.lab.stepper.cancel(timer) }
        wires[way]?.timer = nil
        wires[way]?.timerInstant = next
        guard let due = next else { return }
        let owner = "link \(link.name) \(way) \(number)"
        wires[way]?.timer = link.lab.stepper.schedule(at: due, owner: owner) { [weak self] in
            self?.wires[way]?.timer = nil
            self?.wires[way]?.timerInstant = nil
            self?.pump(way)
        }
    }

    /// Upstream bytes wait until the target was reached; then a missing end swallows them.
    private func hasExit(_ way: Link.Way) -> Bool {
        switch way {
        case .upstream: hasDialled || link.isFrozen(.target)
        case .downstream: true
        }
    }

    private func exit(_ way: Link.Way) -> Connection? {
        switch way {
        case .upstream: outbound
        case .downstream: inbound
        }
    }

    private func entrance(_ way: Link.Way) -> Connection? {
        switch way {
        case .upstream: inbound
        case .downstream: outbound
        }
    }

    private func closeExit(_ way: Link.Way) {
        exit(way)?.close()
        switch way {
        case .upstream: outbound = nil
        case .downstream: inbound = nil
        }
        finishIfOver()
    }
}

// Rounds.
extension RelaySession {
    /// Lets what is under way take so much longer.
    func postpone(by duration: Duration) {
        for way in [Link.Way.upstream, .downstream] {
            wires[way]?.direction.postpone(by: duration)
            scheduleNext(way)
        }
        guard let timer = dialTimer else { return }
        link.lab.stepper.cancel(timer.token)
        dialAgain(at: timer.at.advanced(by: duration))
    }
}
