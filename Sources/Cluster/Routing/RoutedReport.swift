/// What became of a read that was left to a policy.
package struct RoutedReport: Hashable, Sendable {
    package let policy: ReadPolicy
    /// Who answered, and what.
    package let read: ReadReport
    /// Why it was that node.
    package let reason: ReadReason
    /// Whether that node was the primary.
    package let isPrimary: Bool
    /// How long the read waited for a replica.
    package let waited: Duration
    /// What the answer lacks; nil: nothing that a client was ever told of.
    package let missing: MissingVersion?
}

/// A version of a key whose client was told OK, and that the node which answered does not show.
package struct MissingVersion: Hashable, Sendable {
    /// The newest one.
    package let token: ReadToken
    /// Whether the reader wrote it itself.
    package let isOwn: Bool
    /// Whether the primary does not have it either: a promotion has lost it.
    package let isLost: Bool
}
