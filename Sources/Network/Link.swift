import LabClock

/// A wire between two of the lab's nodes (or the lab's client and a node): a relay with a listener
/// of its own, whose every connection is carried on to the target's present port.
///
/// It knows bytes, not messages. Each of its two directions has its own faults:
/// *upstream* runs from the end that dialled to the target, *downstream* from the target back. On
/// a replica's link the WAL goes downstream and the feedback goes upstream.
///
/// - Touched on the lab's loop only.
/// - A cut wire loses nothing by itself and closes nothing: both ends stay connected and hear
///   nothing, as in a partition. Connects wait until it is healed.
public final class Link {
    /// So much the kernel at the far end takes from the wire for a process that does not read: what
    /// Linux takes at most (`tcp_rmem`). What else there is stays on the wire.
    public static let receiveWindow = 6 << 20

    /// So many bytes a link holds each way, on the wire and waiting.
    public static let capacity = 16 << 20
    /// The least that a sender may have under way: one segment of the size that every network
    /// takes (RFC 9293, the default of MSS). Less would only be one step of the lab a byte.
    public static let leastWindow = 536

    /// Names the link, and fixes its place among equals: "p-r1".
    public let name: String
    /// Where the dialling end connects.
    public var port: Int { listener.port }
    /// The same while the target listens; nil: it would refuse.
    public var openPort: Int? { targetPort() == nil ? nil : port }
    /// Whether the wire is cut now, in both ways or in one.
    public var isCut: Bool {
        faults.values.contains { $0.isDown(at: lab.stepper.now) }
    }

    /// Who hears what passes at the end that dialled; nobody, unless that end is an outsider.
    public weak var tap: (any LinkTap)?

    let lab: LabLoop
    let capacity: Int
    /// Decides its jitter.
    let seed: UInt64
    private var faults: [Way: WireFaults] = [:]
    private var frozenEnds: Set<End> = []
    /// Connections of an end that is frozen, whose other end has reset them: it will see that.
    private var resets: [End: [Connection]] = [:]
    private let targetPort: () -> Int?
    private var listener: Listener!
    private var sessions: [Int: RelaySession] = [:]
    private var nextSession = 0
    /// How many connections there were, and how many of them the target took.
    public var tally: Tally { Tally(admitted: nextSession, carried: carriedCount) }
    private var carriedCount = 0

    /// Makes a link that is whole and instant.
    ///
    /// - Parameters:
    ///   - capacity: bytes each way may hold; more waits with the sender.
    ///   - seed: of what looks like chance on it.
    ///   - peers: whose connections it carries. The target takes them for the lab's own, which need
    ///     no password and are not counted: so they must be, unless an end is an outside program's.
    ///   - targetPort: the port to carry connections to, asked for each anew; nil when the target
    ///     does not listen, which refuses them.
    public init(
        name: String, lab: LabLoop, capacity: Int = Link.capacity, seed: UInt64 = 0,
        to peers: Listener.Peers = .insiders, targetPort: @escaping () -> Int?
    ) throws(ListenFailure) {
        self.name = name
        self.lab = lab
        self.capacity = capacity
        self.seed = seed
        self.targetPort = targetPort
        listener = try lab.listen(to: peers) { [weak self] connection in
            guard let self else { return connection.reset() }
            admit(connection)
        }
        lab.stepper.addLull(lullName) { [weak self] in self?.endAbandoned() ?? false }
    }

    private var lullName: String { "link \(name) \(port)" }

    /// Ends what neither end cares for any more, and what the wire took nothing of.
    private func endAbandoned() -> Bool {
        let abandoned = inOrder.filter(\.isAbandoned)
        for session in abandoned { _ = session.sever() }
        return !abandoned.isEmpty
    }

    // MARK: Faults

    /// What is wrong with the wire one way.
    public func faults(_ way: Way) -> WireFaults {
        (faults[way] ?? .none).asOf(lab.stepper.now)
    }

    /// Sets what is wrong with the wire one way, from now on: what is under way keeps its time, and
    /// what a cut held and is due comes out, in order.
    public func set(_ faults: WireFaults, _ way: Way) {
        lab.rule.check()
        self.faults[way] = faults
        passed(0, way)
        changeWires()
    }

    /// Changes some of what is wrong with the wire one way.
    public func change(_ way: Way, _ body: (inout WireFaults) -> Void) {
        var faults = faults(way)
        body(&faults)
        set(faults, way)
    }

    /// Sets how long each byte travels one way, from now on; what is under way keeps its time.
    public func setDelay(_ delay: Duration, _ way: Way) {
        change(way) { $0.delay = delay }
    }

    /// Cuts the wire both ways.
    public func cut() {
        for way in [Way.upstream, .downstream] { change(way) { $0.isCut = true } }
    }

    /// Lets so many more bytes through one way, of this connection and those to come, and cuts the
    /// wire that way behind them. The other way goes on.
    public func cut(_ way: Way, after byteCount: Int) {
        change(way) { $0.cutAfter = max(0, byteCount) }
    }

    /// Ends whatever keeps bytes from coming through: what was held and is due comes out now, in
    /// order.
    public func heal() {
        for way in [Way.upstream, .downstream] {
            var faults = faults(way)
            (faults.isCut, faults.cutAfter, faults.outage) = (false, nil, nil)
            faults.isStalled = false
            self.faults[way] = faults
        }
        changeWires()
    }

    /// Takes over the faults of the link that was here before.
    public func adoptFaults(of other: Link) {
        for way in [Way.upstream, .downstream] { set(other.faults(way), way) }
    }

    private func changeWires() {
        lab.rule.check()
        inOrder.forEach { $0.changeWires() }
    }

    /// How many more bytes go through one way until the wire is cut; nil: no cut is to come.
    func allowance(_ way: Way) -> Int? { faults[way]?.cutAfter }

    /// Bytes came out of the wire.
    func passed(_ byteCount: Int, _ way: Way) {
        guard let left = allowance(way) else { return }
        faults[way]?.cutAfter = left - byteCount
        guard left <= byteCount else { return }
        faults[way]?.cutAfter = nil
        faults[way]?.isCut = true
        inOrder.forEach { $0.changeWires() }
    }

    /// Whether a connect that begins now ever gets through, if nobody mends the wire.
    public var opensByItself: Bool { connects != nil }

    /// When a connect that begins now gets through, there and back; nil: not before a change.
    var connects: LabInstant? {
        faults(.upstream).opens(from: lab.stepper.now)
            .flatMap { faults(.downstream).opens(from: $0) }
    }

    // MARK: Ends that do not run

    /// The process at an end was stopped. Its kernel goes on: it takes connections and bytes, and
    /// acknowledges them, up to `receiveWindow`; nobody reads them.
    public func freeze(_ end: End) {
        lab.rule.check()
        frozenEnds.insert(end)
    }

    /// The process at an end runs again and finds what has arrived, in order; or it is gone, and
    /// all that with it.
    public func thaw(_ end: End, isGone: Bool = false) {
        guard frozenEnds.contains(end) else { return }
        if isGone { inOrder.forEach { $0.loseArrivals(at: end) } }
        frozenEnds.remove(end)
        for connection in resets.removeValue(forKey: end) ?? [] { connection.reset() }
        changeWires()
    }

    func isFrozen(_ end: End) -> Bool { frozenEnds.contains(end) }

    /// The connection of an end is gone: by a reset, unless that end does not run to see it.
    func reset(_ connection: Connection, at end: End) {
        guard isFrozen(end) else { return connection.reset() }
        connection.handler = nil
        // What still comes is for nobody.
        connection.creditsItself = false
        resets[end, default: []].append(connection)
    }

    // MARK: What it holds

    /// How many connections there are over it, of which an end or both are there.
    public var connectionCount: Int { sessions.count }

    /// Whether it is over this link that its target took a connection.
    public func carries(_ connection: Connection) -> Bool {
        sessions.values.contains { $0.outbound?.isOtherEnd(of: connection) ?? false }
    }

    /// What it holds one way.
    public func load(_ way: Way) -> Load {
        sessions.values.reduce(into: Load()) { $1.add(way, to: &$0) }
    }

    /// Bytes on the wire one way: sent by one end and not yet handed to the other.
    public func heldByteCount(_ way: Way) -> Int {
        sessions.values.reduce(0) { $0 + $1.heldByteCount(way) }
    }

    /// Loses everything on the wire and closes both ends of every connection over it.
    /// Says how many bytes were lost.
    @discardableResult
    public func sever() -> Int {
        lab.rule.check()
        return inOrder.reduce(0) { $0 + $1.sever() }
    }

    /// The end that dialled has died: what it sent may still arrive, and then the close.
    public func close() {
        lab.stepper.removeLull(lullName)
        listener.close()
        _ = sever()
        for end in frozenEnds { thaw(end, isGone: true) }
    }

    /// One more connection was taken by the target.
    func carried() { carriedCount += 1 }

    /// So many connections would have come and gone by now, if anybody had gone through them.
    public func leftOut(_ tally: Tally) {
        nextSession += tally.admitted
        carriedCount += tally.carried
    }

    var inOrder: [RelaySession] {
        sessions.keys.sorted().compactMap { sessions[$0] }
    }

    private func admit(_ connection: Connection) {
        let number = nextSession
        nextSession += 1
        tap?.opened(session: number)
        let session = RelaySession(
            link: self, number: number, inbound: connection, targetPort: targetPort
        ) { [weak self] in
            self?.sessions[number] = nil
            self?.tap?.closed(session: number)
        }
        sessions[number] = session
        // Where nobody listens it ends before this returns.
        session.begin()
    }
}
