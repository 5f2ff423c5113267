import LabClock

/// What a link holds in one direction, oldest first: bytes, and at last the close. Pure: it is told
/// the time and says what comes out.
///
/// There are two stages. What was taken from the sender *waits* until the line is free and the
/// window has room; then it *departs*, and is in flight until it is due at the far end.
///
/// - Order is kept whatever the faults do: nothing overtakes what was sent before.
/// - Faults are charged by byte position and instant, never by the pieces in which bytes came: what
///   enters at one instant is one batch, and what departs of it at one instant is one slice, which
///   grows for as long as that instant lasts.
/// - It holds at most `capacity` bytes; what does not fit is handed back to wait with the sender.
struct LinkDirection {
    /// What comes out at the far end.
    enum Delivery: Hashable {
        case bytes([UInt8])
        case close

        var byteCount: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .close: 0
            }
        }
    }

    /// What has not departed, by the instant at which it went in.
    private struct Entered {
        let instant: LabInstant
        let delivery: Delivery
    }

    private struct Flying {
        var due: LabInstant
        let delivery: Delivery
    }

    /// What departed last: more of the same batch may join it while its instant lasts.
    private struct Slice {
        let batch: LabInstant
        let departure: LabInstant
        let lineFrom: LabInstant
        /// Nothing of it comes out before that.
        let floor: LabInstant
        var byteCount = 0
        var pieceCount = 0

        /// Whether more of a batch, which can depart at an instant, departs with it.
        func takes(_ batch: LabInstant, at instant: LabInstant, upTo limit: Int) -> Bool {
            self.batch == batch && instant <= departure && byteCount < limit
        }
    }

    let capacity: Int
    private(set) var faults = WireFaults.none
    /// What is wrong with the other way, by which acknowledgements travel.
    private var returning = WireFaults.none
    /// Since when the faults are as they are.
    private var changed = LabInstant.start
    private var jitter: Jitter

    private var waiting = Queue<Entered>()
    private var flight = Queue<Flying>()
    private(set) var waitingByteCount = 0
    private(set) var flyingByteCount = 0
    private var slice: Slice?
    /// What could depart before that has departed: what has not will do so then or later.
    private var reached = LabInstant.start
    /// When the line has taken in what departed.
    private var lineFree = LabInstant.start
    private var lastDue = LabInstant.start
    private var window = SendWindow()

    init(capacity: Int, jitter: Jitter = Jitter(seed: 0, wire: "")) {
        self.capacity = capacity
        self.jitter = jitter
    }

    /// Bytes held, in both stages.
    var heldByteCount: Int { waitingByteCount + flyingByteCount }
    var isEmpty: Bool { waiting.isEmpty && flight.isEmpty }
    /// How many more bytes it takes.
    var room: Int { faults.isStalled ? 0 : max(0, capacity - heldByteCount) }

    /// Sets what is wrong from now on, this way and the other; what is in flight keeps its time.
    mutating func set(_ faults: WireFaults, returning: WireFaults = .none, now: LabInstant) {
        advance(to: now)
        guard faults != self.faults || returning != self.returning else { return }
        switch (self.faults.window, faults.window) {
        case (nil, .some): window.begin(with: flyingByteCount)
        case (.some, nil): window = SendWindow()
        case (nil, nil), (.some, .some): break
        }
        (self.faults, self.returning, changed, slice) = (faults, returning, now, nil)
        advance(to: now)
    }

    /// Takes something from the sender at `now`.
    mutating func put(_ delivery: Delivery, now: LabInstant) {
        advance(to: now)
        waitingByteCount += delivery.byteCount
        waiting.append(Entered(instant: now, delivery: delivery))
        advance(to: now)
    }

    /// When the next thing comes out, or has to be looked after; nil when nothing will without a
    /// change.
    var nextDue: LabInstant? {
        if let head = flight.first { return faults.opens(from: max(head.due, changed)) }
        return nextDeparture
    }

    /// Takes out the next thing due at `now`, of bytes no more than the limit.
    mutating func take(now: LabInstant, atMost limit: Int? = nil) -> Delivery? {
        advance(to: now)
        guard let head = flight.first, head.due <= now, !faults.isDown(at: now) else { return nil }
        flight.removeFirst()
        var delivery = head.delivery
        if case .bytes(let bytes) = delivery, let limit, bytes.count > limit {
            flight.putBack(Flying(due: head.due, delivery: .bytes(Array(bytes[limit...]))))
            delivery = .bytes(Array(bytes[..<limit]))
        }
        flyingByteCount -= delivery.byteCount
        if faults.window != nil {
            window.arrived(delivery.byteCount, acknowledgedAt: now.advanced(by: returning.delay))
        }
        advance(to: now)
        return delivery
    }

    /// Loses everything on the wire and says how many bytes that were.
    mutating func drop() -> Int {
        defer {
            (waiting, flight) = (Queue(), Queue())
            (waitingByteCount, flyingByteCount) = (0, 0)
            (slice, window) = (nil, SendWindow())
        }
        return heldByteCount
    }
}

// Departures.
extension LinkDirection {
    /// Lets everything depart that could by `now`, each at its own instant.
    mutating func advance(to now: LabInstant) {
        while let instant = nextDeparture, instant <= now { depart(at: instant) }
        window.advance(to: now, over: returning, since: changed)
        reached = max(reached, now)
    }

    /// When the next of what waits departs; nil: not before something else has happened.
    private var nextDeparture: LabInstant? {
        guard let next = waiting.first, !faults.isStalled else { return nil }
        var instant = max(next.instant, reached)
        if let limit = faults.window, next.delivery != .close {
            guard let open = window.opens(limit, from: instant, over: returning, since: changed)
            else { return nil }
            instant = open
        }
        if let slice, slice.takes(next.instant, at: instant, upTo: sliceSize) {
            return slice.departure
        }
        guard faults.bandwidth != nil else { return instant }
        // What a line holds back while it is down has still to pass it afterwards.
        return faults.opens(from: max(instant, lineFree))
    }

    /// The line is shared out in pieces of 10 ms, or of 64 KB where that is less.
    private var sliceSize: Int {
        faults.bandwidth.map { min(64 << 10, max(1, $0 / 100)) } ?? .max
    }

    private mutating func depart(at instant: LabInstant) {
        reached = max(reached, instant)
        window.advance(to: instant, over: returning, since: changed)
        let next = waiting.first!
        waiting.removeFirst()
        if slice?.takes(next.instant, at: instant, upTo: sliceSize) != true {
            begin(batch: next.instant, at: instant)
        }
        var delivery = next.delivery
        if case .bytes(let bytes) = delivery {
            let limit = min(
                sliceSize - slice!.byteCount, faults.window.map { window.room(of: $0) } ?? .max)
            if bytes.count > limit {
                waiting.putBack(
                    Entered(instant: next.instant, delivery: .bytes(Array(bytes[limit...]))))
                delivery = .bytes(Array(bytes[..<limit]))
            }
        }
        fly(delivery)
    }

    private mutating func begin(batch: LabInstant, at instant: LabInstant) {
        if faults.jitter > .zero, slice?.departure != instant { jitter.next() }
        slice = Slice(
            batch: batch, departure: instant,
            lineFrom: max(instant, faults.bandwidth == nil ? instant : lineFree), floor: lastDue)
    }

    /// The last slice grows by this; all of it comes out when its last byte does.
    private mutating func fly(_ delivery: Delivery) {
        guard var slice else { return }
        slice.byteCount += delivery.byteCount
        slice.pieceCount += 1
        waitingByteCount -= delivery.byteCount
        flyingByteCount += delivery.byteCount
        if faults.window != nil { window.departed(delivery.byteCount) }
        var passed = slice.lineFrom
        if let bandwidth = faults.bandwidth {
            passed = passed.advanced(by: Self.time(for: slice.byteCount, over: bandwidth))
            lineFree = passed
        }
        let travel = faults.delay + jitter.extra(of: faults.jitter)
        lastDue = max(passed.advanced(by: travel), slice.floor)
        flight.append(Flying(due: lastDue, delivery: delivery))
        if faults.bandwidth != nil { flight.changeLast(slice.pieceCount) { $0.due = lastDue } }
        self.slice = slice
    }

    /// How long a line takes to take in so many bytes, rounded up to a nanosecond.
    private static func time(for byteCount: Int, over bandwidth: Int) -> Duration {
        let (high, low) = UInt64(byteCount).multipliedFullWidth(by: 1_000_000_000)
        let divisor = UInt64(bandwidth)
        guard high < divisor else { return .nanoseconds(Int64.max) }
        let (quotient, remainder) = divisor.dividingFullWidth((high, low))
        return .nanoseconds(Int64(clamping: quotient + (remainder > 0 ? 1 : 0)))
    }
}

// What it is like while nothing moves.
extension LinkDirection {
    /// What is on the wire: how much, not what it says; its times seen from now.
    struct Standing: Hashable {
        /// By batch.
        fileprivate let waiting: [Load]
        fileprivate let flight: [Load]
        fileprivate let lineFree: Duration
        fileprivate let jitter: Int
        fileprivate let window: SendWindow
    }

    /// What went in or comes out at one instant.
    struct Load: Hashable {
        /// How long it is until then; zero where that does not matter.
        let left: Duration
        var bytes = 0
        var closes = false

        fileprivate mutating func add(_ delivery: Delivery) {
            switch delivery {
            case .bytes(let more): bytes += more.count
            case .close: closes = true
            }
        }
    }

    func standing(at now: LabInstant) -> Standing {
        var copy = self
        copy.advance(to: now)
        let waits = Self.loads(copy.waiting.elements.map { ($0.instant.since(now), $0.delivery) })
        let flies = copy.flight.elements.map {
            // What is behind a cut comes out with what else is, when it heals.
            (faults.isCut ? .zero : $0.due.since(now), $0.delivery)
        }
        return Standing(
            waiting: waits.map { Load(left: .zero, bytes: $0.bytes, closes: $0.closes) },
            flight: Self.loads(flies), lineFree: max(.zero, copy.lineFree.since(now)),
            jitter: jitter.index, window: copy.window.seen(from: now))
    }

    private static func loads(_ held: [(left: Duration, delivery: Delivery)]) -> [Load] {
        held.reduce(into: []) { loads, next in
            if loads.last?.left != next.left { loads.append(Load(left: next.left)) }
            loads[loads.count - 1].add(next.delivery)
        }
    }

    /// When the last thing under way comes out; nil when nothing is.
    var endOfFlight: LabInstant? { faults.isCut || flight.isEmpty ? nil : lastDue }

    /// Lets what is under way take so much longer.
    mutating func postpone(by duration: Duration) {
        guard !faults.isCut else { return }
        flight.changeLast(flight.count) { $0.due = $0.due.advanced(by: duration) }
        waiting.changeLast(waiting.count) {
            $0 = Entered(instant: $0.instant.advanced(by: duration), delivery: $0.delivery)
        }
        window.postpone(by: duration)
        lineFree = lineFree.advanced(by: duration)
        lastDue = lastDue.advanced(by: duration)
        reached = reached.advanced(by: duration)
        slice = nil
    }
}
