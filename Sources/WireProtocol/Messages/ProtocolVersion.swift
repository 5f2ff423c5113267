/// A protocol version as the startup packet carries it: major and minor, 16 bits each.
public struct ProtocolVersion: Hashable, Sendable, CustomStringConvertible {
    /// The part that must be 3.
    public let major: UInt16
    /// The part a server may negotiate down.
    public let minor: UInt16

    /// A version from its two parts.
    public init(major: UInt16, minor: UInt16) {
        self.major = major
        self.minor = minor
    }

    /// A version from the startup packet's code word.
    public init(code: UInt32) {
        major = UInt16(code >> 16)
        minor = UInt16(truncatingIfNeeded: code)
    }

    /// 3.0, the one the lab speaks.
    public static let v3 = ProtocolVersion(major: 3, minor: 0)

    /// The startup packet's code word, 196608 for 3.0.
    public var code: UInt32 { UInt32(major) << 16 | UInt32(minor) }

    /// `3.0`
    public var description: String { "\(major).\(minor)" }
}
