/// How a replica that was told to follow another node stands with it.
public struct FollowReport: Hashable, Sendable {
    /// The replica.
    public let replica: String
    /// The node it followed until then.
    public let oldUpstream: String
    /// The node it follows now.
    public let upstream: String
    /// How it stands.
    public let fate: PromotionReport.Fate
}
