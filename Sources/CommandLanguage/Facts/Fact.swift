/// One thing that can be asked of the lab without changing it: what goals and predictions look at.
///
/// Read once, where it is written, against the names there are: `comits r1` is no fact, so it can
/// neither be looked at nor be met.
package enum Fact: Hashable, Sendable {
    /// `lost`
    case lab(LabFact)
    /// A setting, by its name: `full_page_writes`.
    case setting(String)
    /// `role r1`
    case node(NodeFact, NodeReference)
    /// `value r1 pay:7`: what `get` would say, so inside a transaction its own writes too.
    case value(NodeReference, key: String)
    /// `wal_status p r1`: reserved, extended, unreserved or lost; none while it keeps nothing.
    case walStatus(NodeReference, slot: String)
    /// `diff p r1`: identical, different or unknowable.
    case diff(NodeReference, NodeReference)
}

/// What can be asked of the lab as a whole.
package enum LabFact: String, CaseIterable, Sendable {
    /// Lab time: `03:00:00.000`.
    case time
    /// The primary's name.
    case primary
    /// How many acknowledged writes the primary does not have.
    case lost
    /// How many writes were acknowledged.
    case acknowledged
    /// The node that has a transaction of the lab's client open.
    case inTransaction = "in_transaction"
    /// The node that answered the last `read`, and what it answered.
    case readFrom = "read_from"
    case readValue = "read_value"
    /// How many answers to reads by a policy lacked a write of the reader's own.
    case ownMisses = "own_misses"
    /// How long the last failover took until the last client was back: whole milliseconds.
    case failoverTime = "failover_time"
}

/// What can be asked of one node.
package enum NodeFact: String, CaseIterable, Sendable {
    /// primary or replica.
    case role
    /// As `status` shows it.
    case state
    case timeline, commits
    case commitsBehind = "commits_behind"
    /// In bytes.
    case byteLag = "byte_lag"
    /// In whole milliseconds, `733ms`.
    case timeLag = "time_lag"
    /// none for a primary.
    case upstream
    /// The one it uses, or none.
    case slot
    /// How many it has.
    case slots
    /// The first byte of its log that is still there.
    case walStart = "wal_start"
    /// whole or cut.
    case link
    /// In whole milliseconds.
    case delay
}

extension Fact: CustomStringConvertible {
    /// As an author writes it.
    package var description: String {
        switch self {
        case .lab(let fact): fact.rawValue
        case .setting(let name): name
        case .node(let fact, let node): "\(fact.rawValue) \(node)"
        case .value(let node, let key): "\(FactForm.value.rawValue) \(node) \(key)"
        case .walStatus(let node, let slot): "\(FactForm.walStatus.rawValue) \(node) \(slot)"
        case .diff(let first, let second): "\(FactForm.diff.rawValue) \(first) \(second)"
        }
    }
}

/// The facts that take two words behind their names.
enum FactForm: String, CaseIterable {
    case value
    case walStatus = "wal_status"
    case diff

    /// What to write behind the name.
    var arguments: String {
        switch self {
        case .value: "NODE KEY"
        case .walStatus: "NODE SLOT"
        case .diff: "NODE NODE"
        }
    }
}
