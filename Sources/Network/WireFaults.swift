public import LabClock

/// What is wrong with one direction of a link: one value, set, adopted, kept and shown whole.
///
/// It says what the wire is like at an instant; what that does to bytes is `LinkDirection`'s.
public struct WireFaults: Hashable, Sendable {
    /// How long each byte travels.
    public var delay: Duration = .zero
    /// By how much more it may be, differently for whatever leaves at another instant.
    public var jitter: Duration = .zero
    /// How many bytes a second the line takes; nil: any number at once.
    public var bandwidth: Int?
    /// How many bytes may be under way without having been acknowledged; nil: any number.
    public var window: Int?
    /// Nothing comes through; what is sent waits on the wire.
    public var isCut = false
    /// So many more bytes come through until it is cut behind them; nil: no cut is to come.
    public var cutAfter: Int?
    /// Cut for some time, once or again and again.
    public var outage: Outage?
    /// The far end has stopped taking bytes, and says so: the sender keeps what it has.
    public var isStalled = false

    /// None: the wire is whole and instant.
    public init() {}

    /// The wire is whole and instant.
    public static let none = WireFaults()

    /// Whether nothing comes through at an instant.
    public func isDown(at instant: LabInstant) -> Bool {
        isCut || outage?.isDown(at: instant) ?? false
    }

    /// The first instant from this one on at which something comes through; nil: it will not heal
    /// by itself.
    public func opens(from instant: LabInstant) -> LabInstant? {
        isCut ? nil : outage?.end(from: instant) ?? instant
    }

    /// The same, without an outage that is over for good.
    public func asOf(_ instant: LabInstant) -> WireFaults {
        guard let outage, outage.isOver(at: instant) else { return self }
        var faults = self
        faults.outage = nil
        return faults
    }
}

extension WireFaults {
    /// A wire that is down for some time from an instant on, once or again and again. It is a
    /// function of the time: nobody has to end it.
    public struct Outage: Hashable, Sendable {
        /// When it is down for the first time.
        public let began: LabInstant
        /// For how long it is down each time.
        public let lasting: Duration
        /// From one beginning to the next; nil: there is no next.
        public let every: Duration?

        /// - Parameter every: more than `lasting`, or the wire would never be up.
        public init(began: LabInstant, lasting: Duration, every: Duration?) {
            self.began = began
            self.lasting = lasting
            self.every = every
        }

        /// Whether the wire is down.
        public func isDown(at instant: LabInstant) -> Bool {
            instant >= began && phase(at: instant) < lasting
        }

        /// The first instant from this one on at which it is up.
        public func end(from instant: LabInstant) -> LabInstant {
            guard isDown(at: instant) else { return instant }
            return instant.advanced(by: lasting - phase(at: instant))
        }

        /// Whether there will be no more of it.
        public func isOver(at instant: LabInstant) -> Bool {
            every == nil && instant >= began.advanced(by: lasting)
        }

        /// How long ago it went down last.
        public func phase(at instant: LabInstant) -> Duration {
            let elapsed = instant.since(began).wholeNanoseconds
            guard let every, elapsed >= 0 else { return .nanoseconds(elapsed) }
            return .nanoseconds(elapsed % max(1, every.wholeNanoseconds))
        }
    }
}
