import LabClock

/// One connection over a link: the end that dialled, the end towards the target, and the two
/// directions between them.
final class RelaySession: ConnectionHandler {
    private let link: Link
    private let number: Int
    private let targetPort: () -> Int?
    private var ended: (() -> Void)?

    private var inbound: Connection?
    private var outbound: Connection?
    private var isDialling = false
    private var hasDialled = false
    private var wires: [Link.Way: Wire]

    /// One direction, and what did not fit on it.
    private struct Wire {
        var direction: LinkDirection
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
            var direction = LinkDirection(capacity: link.capacity)
            direction.delay = link.delay(way)
            direction.isCut = link.isCut(way)
            wires[way] = Wire(direction: direction)
        }
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

    /// Applies the link's faults, which have changed, to both directions, then moves what may now
    /// move.
    func changeWires() {
        for way in [Link.Way.upstream, .downstream] {
            wires[way]?.direction.delay = link.delay(way)
            wires[way]?.direction.isCut = link.isCut(way)
            pump(way)
        }
        dialWhenWhole()
    }

    /// Drops what is held and closes both ends at once.
    func sever() -> Int {
        var lost = 0
        for way in [Link.Way.upstream, .downstream] {
            lost += heldByteCount(way)
            if let timer = wires[way]?.timer { link.lab.stepper.cancel(timer) }
            wires[way] = nil
        }
        inbound?.reset()
        outbound?.reset()
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

    /// A connect over a cut wire waits, as a SYN without an answer does.
    private func dialWhenWhole() {
        guard !hasDialled, !isDialling, !link.isCut, inbound != nil else { return }
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
        while let delivery = wires[way]?.direction.take(now: now, atMost: link.allowance(way)) {
            switch delivery {
            case .bytes(let bytes):
                hand(bytes, way)
                link.passed(bytes.count, way)
            case .close: closeExit(way)
            }
            admitOverflow(way, from: entrance(way))
        }
        scheduleNext(way)
    }

    private func hand(_ bytes: [UInt8], _ way: Link.Way) {
        guard let exit = exit(way) else { return }
        exit.send(bytes)
        if way == .downstream { link.tap?.delivered(bytes, session: number) }
    }

    private func scheduleNext(_ way: Link.Way) {
        guard let wire = wires[way], wire.timerInstant != wire.direction.nextDue else { return }
        if let timer = wire.timer { link.lab.stepper.cancel(timer) }
        wires[way]?.timer = nil
        wires[way]?.timerInstant = wire.direction.nextDue
        guard let due = wire.direction.nextDue else { return }
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
        case .upstream: hasDialled
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

// What it is like while nothing moves.
extension RelaySession {
    /// What there is of a connection at a stillness.
    struct Standing: Hashable {
        let number: Int
        let hasDialled: Bool
        let hasInbound: Bool
        let hasOutbound: Bool
        let wires: [Link.Way: LinkDirection.Standing]
    }

    /// Nil while the target is being reached.
    var standing: Standing? {
        guard !isDialling else { return nil }
        let now = link.lab.stepper.now
        return Standing(
            number: number, hasDialled: hasDialled, hasInbound: inbound != nil,
            hasOutbound: outbound != nil,
            wires: wires.mapValues { $0.direction.standing(at: now) })
    }

    /// When the last of what is under way comes out; nil when nothing is.
    var lastDue: LabInstant? { wires.values.compactMap(\.direction.lastDue).max() }

    /// Lets what is under way take so much longer.
    func postpone(by duration: Duration) {
        for way in [Link.Way.upstream, .downstream] {
            wires[way]?.direction.postpone(by: duration)
            scheduleNext(way)
        }
    }

    /// When what is on its way comes out.
    var timers: [TimerQueue<() -> Void>.Token] { wires.values.compactMap(\.timer) }
}
