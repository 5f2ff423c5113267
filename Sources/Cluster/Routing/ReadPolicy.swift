/// Where a reader is sent, and so what it may miss: the answers to the hazard that the chapter
/// calls read-your-own-writes.
package enum ReadPolicy: Hashable, Sendable {
    /// Any replica that streams, each in its turn.
    case any
    /// The primary.
    case primary
    /// The primary for so long after the reader's own last write, and then any.
    case sticky(Duration)
    /// A replica that has replayed the reader's own last commit. When none has within so much lab
    /// time: the primary.
    case token(wait: Duration)
    /// That one, whatever it has.
    case node(String)

    /// The longest that a read may wait for a replica: less than a client's patience.
    package static let longestWait = Duration.seconds(30)
}

/// Why a policy sent a read where it did.
package enum ReadReason: Hashable, Sendable {
    /// The policy names the node.
    case named
    /// The next of the replicas that stream.
    case turn
    /// It is the primary: no replica streams from it.
    case noReplicaStreams
    /// It is a replica: none streams, and the primary does not answer.
    case onlyReplicasAnswer
    /// It is the primary: the reader's last write is so old.
    case recentWrite(age: Duration)
    /// It is a replica that has replayed the reader's last commit, so much lab time later.
    case hasToken(ReadToken, waited: Duration)
    /// It is the primary: no replica has replayed that commit, so much lab time later.
    case tokenNotReached(ReadToken, waited: Duration)
    /// It is the primary: the commit is not in its history, so no replica of it will ever have it.
    case tokenIsLost(ReadToken)
}
