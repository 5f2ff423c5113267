// What there is two of.
extension Link {
    /// One way along a link.
    public enum Way: Hashable, Sendable {
        /// From the end that dialled to the target.
        case upstream
        /// From the target to the end that dialled.
        case downstream
    }

    /// One end of a link.
    public enum End: Hashable, Sendable {
        /// The one that dialled.
        case dialler
        /// The one that is dialled.
        case target
    }

    /// What a link holds one way, and what it makes others hold, in bytes.
    public struct Load: Hashable, Sendable {
        /// In its sender's own socket: the link has not taken them.
        public var unsent = 0
        /// Taken, and not under way: there is no room on the wire.
        public var waiting = 0
        /// Under way.
        public var inFlight = 0
        /// Arrived, and not read: the process at the far end is stopped.
        public var unread = 0

        /// Nothing at all.
        public init() {}
    }
}

extension Link.Way {
    var other: Link.Way {
        switch self {
        case .upstream: .downstream
        case .downstream: .upstream
        }
    }

    /// The end at which what travels this way comes out.
    var farEnd: Link.End {
        switch self {
        case .upstream: .target
        case .downstream: .dialler
        }
    }
}
