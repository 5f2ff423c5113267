/// One of the histories a log can have: each promotion starts the next. PostgreSQL: `TimeLineID`.
public struct Timeline: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number, from 1.
    public let rawValue: UInt32

    /// The timeline of a newly made cluster.
    public static let first = Timeline(1)

    /// The timeline with this number.
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The timeline a promotion of this one starts. The last possible number is its own successor.
    public var next: Timeline {
        Timeline(rawValue == .max ? .max : rawValue + 1)
    }

    /// The number in decimal.
    public var description: String { String(rawValue) }

    /// Whether `left` was started earlier.
    public static func < (left: Timeline, right: Timeline) -> Bool {
        left.rawValue < right.rawValue
    }
}
