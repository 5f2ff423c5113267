import LabClock

/// What is on the wire in one direction of a link, oldest first: bytes, and at last the close.
/// Pure: it is told the time and says what comes out.
///
/// - Order is kept whatever the faults do: nothing overtakes what was sent before.
/// - Faults are charged by byte position and instant, never by the pieces in which bytes came.
/// - It holds at most `capacity` bytes; what does not fit is handed back to wait with the sender.
struct LinkDirection {
    /// What comes out at the far end.
    enum Delivery: Hashable {
        case bytes([UInt8])
        case close
    }

    private struct Held {
        let due: LabInstant
        let delivery: Delivery
    }

    /// How long each byte travels; a change leaves what is already under way as it was.
    var delay: Duration = .zero
    /// Nothing comes out while the wire is cut; what went in stays on it.
    var isCut = false
    let capacity: Int
    private var held: [Held] = []
    private var head = 0
    private(set) var heldByteCount = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// What is on the wire: how much, not what it says.
    enum Standing: Hashable {
        /// Behind a cut, where it stays.
        case held(deliveries: Int, bytes: Int)
        /// Under way: what comes out together, by how long that takes.
        case underWay([Duration: Load])
    }

    /// What comes out at one instant.
    struct Load: Hashable {
        var bytes = 0
        var closes = false
    }

    func standing(at now: LabInstant) -> Standing {
        if isCut { return .held(deliveries: held.count - head, bytes: heldByteCount) }
        return .underWay(
            held[head...].reduce(into: [:]) { loads, next in
                switch next.delivery {
                case .bytes(let bytes):
                    loads[next.due.since(now), default: Load()].bytes += bytes.count
                case .close: loads[next.due.since(now), default: Load()].closes = true
                }
            })
    }

    /// When the last thing under way comes out; nil when nothing is.
    var lastDue: LabInstant? { isCut || isEmpty ? nil : held.last?.due }

    /// Lets what is under way take so much longer.
    mutating func postpone(by duration: Duration) {
        guard !isCut else { return }
        for place in held.indices[head...] {
            held[place] = Held(
                due: held[place].due.advanced(by: duration), delivery: held[place].delivery)
        }
    }

    var isEmpty: Bool { head == held.count }
    var room: Int { capacity - heldByteCount }

    /// Puts something on the wire at `now`.
    mutating func put(_ delivery: Delivery, now: LabInstant) {
        let due = max(now.advanced(by: delay), held.last?.due ?? now)
        if case .bytes(let bytes) = delivery { heldByteCount += bytes.count }
        held.append(Held(due: due, delivery: delivery))
    }

    /// When the next thing comes out; nil when nothing will without a change.
    var nextDue: LabInstant? {
        isCut || isEmpty ? nil : held[head].due
    }

    /// Takes out the next thing due at `now`, of bytes no more than the limit.
    mutating func take(now: LabInstant, atMost limit: Int? = nil) -> Delivery? {
        guard let due = nextDue, due <= now else { return nil }
        let delivery = held[head].delivery
        if case .bytes(let bytes) = delivery, let limit, bytes.count > limit {
            held[head] = Held(due: due, delivery: .bytes(Array(bytes[limit...])))
            heldByteCount -= limit
            return .bytes(Array(bytes[..<limit]))
        }
        head += 1
        if case .bytes(let bytes) = delivery { heldByteCount -= bytes.count }
        if head > 64, head * 2 > held.count {
            held.removeFirst(head)
            head = 0
        }
        return delivery
    }

    /// Loses everything on the wire and says how many bytes that were.
    mutating func drop() -> Int {
        defer {
            held = []
            head = 0
            heldByteCount = 0
        }
        return heldByteCount
    }
}
