/// What is to happen later, in the one order the lab ever fires it: by instant, then by the name
/// of who asked, then by the order of asking.
///
/// The owner's name stands before the sequence number because two owners may ask in either order
/// within one instant (their bytes arrive on different sockets), and the lab must not show which.
/// What is asked for while an instant's entries are fired, for that instant, belongs to a later
/// *pass* over it: all of an earlier one come before.
///
/// - A payload is a value or a closure of the caller's; the queue never runs it.
/// - A cancelled entry never comes out.
public struct TimerQueue<Payload> {
    /// Names one entry, for cancelling it.
    public struct Token: Hashable, Sendable {
        fileprivate let sequence: UInt64
    }

    private struct Entry {
        let instant: LabInstant
        let pass: Int
        let owner: String
        let sequence: UInt64
        let payload: Payload

        func precedes(_ other: Entry) -> Bool {
            if instant != other.instant { return instant < other.instant }
            if pass != other.pass { return pass < other.pass }
            if owner != other.owner { return owner < other.owner }
            return sequence < other.sequence
        }
    }

    private var heap: [Entry] = []
    private var live: Set<UInt64> = []
    private var nextSequence: UInt64 = 0

    /// An empty queue.
    public init() {}

    /// How many entries wait.
    public var count: Int { live.count }

    /// Adds an entry that is due at `instant`, in this pass over it or a later one.
    public mutating func schedule(
        at instant: LabInstant, pass: Int = 0, owner: String, _ payload: Payload
    ) -> Token {
        let sequence = nextSequence
        nextSequence += 1
        live.insert(sequence)
        heap.append(
            Entry(
                instant: instant, pass: pass, owner: owner, sequence: sequence, payload: payload))
        siftUp(from: heap.count - 1)
        return Token(sequence: sequence)
    }

    /// Takes an entry out; one that has fired or was cancelled before is left alone.
    public mutating func cancel(_ token: Token) {
        live.remove(token.sequence)
        dropCancelledHead()
    }

    /// When the next entry is due; nil when none waits.
    public var nextInstant: LabInstant? { heap.first?.instant }

    /// When the next entry is due of those that are not named; nil when there is none.
    public func nextInstant(besides tokens: Set<Token>) -> LabInstant? {
        heap.lazy.filter { live.contains($0.sequence) }
            .filter { !tokens.contains(Token(sequence: $0.sequence)) }
            .map(\.instant).min()
    }

    /// Takes out the first entry that is due at `instant` or before, if it belongs to this pass or
    /// an earlier one.
    public mutating func popDue(at instant: LabInstant, pass: Int = 0) -> Payload? {
        guard let head = heap.first, head.instant <= instant, head.pass <= pass else {
            return nil
        }
        live.remove(head.sequence)
        removeHead()
        dropCancelledHead()
        return head.payload
    }
}

// The binary heap underneath. Cancelled entries stay in it until they reach the head.
extension TimerQueue {
    private mutating func dropCancelledHead() {
        while let head = heap.first, !live.contains(head.sequence) { removeHead() }
    }

    private mutating func removeHead() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        siftDown()
    }

    private mutating func siftUp(from index: Int) {
        var child = index
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            let left = 2 * parent + 1
            var first = parent
            if left < heap.count, heap[left].precedes(heap[first]) { first = left }
            if left + 1 < heap.count, heap[left + 1].precedes(heap[first]) { first = left + 1 }
            guard first != parent else { return }
            heap.swapAt(parent, first)
            parent = first
        }
    }
}
