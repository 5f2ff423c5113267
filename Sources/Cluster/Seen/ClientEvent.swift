/// What an application's clients have to say.
package enum ClientEvent: Hashable, Sendable {
    /// What stands for them where a node is named.
    package static let name = "clients"

    /// All of them, so many, have been told OK by the new primary, so long after a failover began.
    case allBack(count: Int, node: String, after: Duration)
}

/// What they could not do.
package enum ClientFailure: Hashable, Sendable {
    /// So many are there already.
    case areOn(Int)
    /// There are none.
    case areOff
    /// The system lets the process have too few descriptors for so many: there is room for some.
    case tooMany(Int, room: Int)
}
