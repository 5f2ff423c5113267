/// How a replica that was told to follow another node stands with it.
package struct FollowReport: Hashable, Sendable {
    package let replica: String
    /// The node it followed until then.
    package let oldUpstream: String
    /// The node it follows now.
    package let upstream: String
    /// How it stands.
    package let fate: PromotionReport.Fate
}
