package import LabClock
package import WireProtocol

/// A read that lasts: a client's transaction of REPEATABLE READ on one node, which looks at the
/// table when it begins and again when its time is over.
package struct HeldRead: Hashable, Sendable {
    package let node: String
    /// What it reads; nil: how many rows there are.
    package let key: String?
    package let began: LabInstant
    /// When its time is over.
    package let ends: LabInstant
    /// What it was told first: a value, or a number of rows; nil: there is no such key.
    package let seen: String?
}

/// What is to be told of a read that lasted.
package enum HeldReadEvent: Hashable, Sendable {
    /// Its time is over: what it saw last, and what everybody sees who asks then.
    case ended(HeldRead, last: String?, present: String?)
    /// The node told its client this instead.
    case refused(HeldRead, ServerError)
    /// Its connection is gone.
    case lost(HeldRead)
}
