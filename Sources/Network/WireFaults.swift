/// What is wrong with one direction of a link: one value, set, adopted, kept and shown whole.
public struct WireFaults: Hashable, Sendable {
    /// How long each byte travels.
    public var delay: Duration = .zero
    /// Nothing comes through; what is sent waits on the wire.
    public var isCut = false
    /// So many more bytes come through until it is cut behind them; nil: no cut is to come.
    public var cutAfter: Int?

    /// None: the wire is whole and instant.
    public init() {}

    /// The wire is whole and instant.
    public static let none = WireFaults()
}
