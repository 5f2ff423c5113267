import LabClock

/// How many bytes of one way are under way without having been acknowledged. Pure.
///
/// A byte is in it from its departure until its acknowledgement has travelled back, which begins
/// when it arrives. Acknowledgements come while the other way is up, and late when it was not.
struct SendWindow: Hashable {
    private struct Acknowledgement: Hashable {
        var due: LabInstant
        var byteCount: Int
    }

    /// Departed, and not acknowledged.
    private(set) var byteCount = 0
    /// Those on their way back, oldest first.
    private var acknowledgements = Queue<Acknowledgement>()

    /// So many bytes are in flight as it begins to count.
    mutating func begin(with byteCount: Int) {
        self = SendWindow()
        self.byteCount = byteCount
    }

    mutating func departed(_ byteCount: Int) {
        self.byteCount += byteCount
    }

    mutating func arrived(_ byteCount: Int, acknowledgedAt due: LabInstant) {
        guard byteCount > 0 else { return }
        let due = max(due, acknowledgements.last?.due ?? due)
        if acknowledgements.last?.due == due {
            acknowledgements.changeLast(1) { $0.byteCount += byteCount }
        } else {
            acknowledgements.append(Acknowledgement(due: due, byteCount: byteCount))
        }
    }

    /// How many more bytes fit, of so many.
    func room(of limit: Int) -> Int { max(0, limit - byteCount) }

    /// When there is room in a window of so many bytes; nil: not before something has arrived.
    func opens(
        _ limit: Int, from instant: LabInstant, over wire: WireFaults, since changed: LabInstant
    ) -> LabInstant? {
        var left = byteCount
        if left < limit { return instant }
        for next in acknowledgements.elements {
            left -= next.byteCount
            if left < limit {
                return wire.opens(from: max(next.due, changed)).map { max(instant, $0) }
            }
        }
        return nil
    }

    /// Takes out what has been acknowledged by `now`.
    mutating func advance(to now: LabInstant, over wire: WireFaults, since changed: LabInstant) {
        while let next = acknowledgements.first,
            let due = wire.opens(from: max(next.due, changed)), due <= now
        {
            byteCount = max(0, byteCount - next.byteCount)
            acknowledgements.removeFirst()
        }
    }

    /// The same, its times seen from now.
    func seen(from now: LabInstant) -> SendWindow {
        var seen = self
        seen.acknowledgements.changeLast(acknowledgements.count) {
            $0.due = LabInstant(nanoseconds: max(0, $0.due.since(now).wholeNanoseconds))
        }
        return seen
    }

    /// Lets what is on its way back take so much longer.
    mutating func postpone(by duration: Duration) {
        acknowledgements.changeLast(acknowledgements.count) {
            $0.due = $0.due.advanced(by: duration)
        }
    }
}
