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
    /// One way along a link.
    public enum Way: Hashable, Sendable {
        /// From the end that dialled to the target.
        case upstream
        /// From the target to the end that dialled.
        case downstream
    }

    /// Names the link, and fixes its place among equals: "p-r1".
    public let name: String
    /// Where the dialling end connects.
    public var port: Int { listener.port }
    /// Whether the wire is cut, in both ways or in one.
    public var isCut: Bool { faults.values.contains(where: \.isCut) }

    /// Who hears what passes at the end that dialled; nobody, unless that end is an outsider.
    public weak var tap: (any LinkTap)?

    let lab: LabLoop
    let capacity: Int
    private var faults: [Way: WireFaults] = [:]
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
    ///   - peers: whose connections it carries. The target takes them for the lab's own, which need
    ///     no password and are not counted: so they must be, unless an end is an outside program's.
    ///   - targetPort: the port to carry connections to, asked for each anew; nil when the target
    ///     does not listen, which refuses them.
    public init(
        name: String, lab: LabLoop, capacity: Int = 64 << 20,
        to peers: Listener.Peers = .insiders, targetPort: @escaping () -> Int?
    ) throws(ListenFailure) {
        self.name = name
        self.lab = lab
        self.capacity = capacity
        self.targetPort = targetPort
        listener = try lab.listen(to: peers) { [weak self] connection in
            guard let self else { return connection.reset() }
            admit(connection)
        }
    }

    /// What is wrong with the wire one way.
    public func faults(_ way: Way) -> WireFaults { faults[way] ?? .none }

    /// Sets what is wrong with the wire one way, from now on: what is under way keeps its time, and
    /// what a cut held and is due comes out, in order.
    public func set(_ faults: WireFaults, _ way: Way) {
        lab.rule.check()
        self.faults[way] = faults
        passed(0, way)
        inOrder.forEach { $0.changeWires() }
    }

    /// How long each byte travels one way.
    public func delay(_ way: Way) -> Duration { faults(way).delay }

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

    /// Heals the wire: what was held and is due comes out now, in order.
    public func heal() {
        for way in [Way.upstream, .downstream] {
            faults[way, default: .none].isCut = false
            faults[way, default: .none].cutAfter = nil
        }
        lab.rule.check()
        inOrder.forEach { $0.changeWires() }
    }

    private func change(_ way: Way, _ body: (inout WireFaults) -> Void) {
        var faults = faults(way)
        body(&faults)
        set(faults, way)
    }

    /// How many more bytes go through one way until the wire is cut; nil: no cut is to come.
    public func allowance(_ way: Way) -> Int? { faults(way).cutAfter }

    /// Bytes came out of the wire.
    func passed(_ byteCount: Int, _ way: Way) {
        guard let left = faults(way).cutAfter else { return }
        faults[way]?.cutAfter = left - byteCount
        guard left <= byteCount else { return }
        faults[way]?.cutAfter = nil
        faults[way]?.isCut = true
        inOrder.forEach { $0.changeWires() }
    }

    func isCut(_ way: Way) -> Bool { faults(way).isCut }

    /// Takes over the faults of the link that was here before.
    public func adoptFaults(of other: Link) {
        for way in [Way.upstream, .downstream] { set(other.faults(way), way) }
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
        listener.close()
        _ = sever()
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
