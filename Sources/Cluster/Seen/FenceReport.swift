import DatabaseNode
package import LabClock
package import WireProtocol

/// How a primary is kept from taking writes. Step 2 of a failover.
package enum FenceMethod: Hashable, Sendable {
    /// Its power is cut, and stays cut. STONITH: it cannot fail.
    case power
    /// It is asked, over SQL, to take none any more. It must be reached for that.
    case command
    /// It takes some only as long as the monitor renews its lease, which each check does.
    case lease(Duration)
}

/// What keeps a node from writing, as it is now.
package enum Fencing: Hashable, Sendable {
    /// It is switched off.
    case power
    /// It was told over SQL.
    case command
    /// It takes writes till then.
    case leased(until: LabInstant)
    /// It takes none since then.
    case leaseEnded(at: LabInstant)

    /// A node under a lease takes writes: it is fenced when the lease has ended.
    package var takesNoWrites: Bool {
        switch self {
        case .power, .command, .leaseEnded: true
        case .leased: false
        }
    }
}

/// How a node was fenced.
package struct FenceReport: Hashable, Sendable {
    package let node: String
    package let method: FenceMethod
    /// What the cut of its power took; nil: that was not cut.
    package let crash: CrashReport?
    /// When it stops taking writes by itself, if nobody renews its lease.
    package let leaseEnd: LabInstant?
    /// Lab time until it had answered.
    package let took: Duration
}

/// Why a node was not fenced, or not let go.
package enum FenceFailure: Hashable, Sendable {
    /// It is already.
    case isFenced(String, Fencing)
    /// It is not.
    case isNotFenced(String)
    /// A lease is what the monitor renews, and there is none.
    case needsMonitor(String)
    /// The monitor watches that node, and renews no other's lease.
    case watchesAnother(String, watched: String)
    /// The lease would end before it could be renewed.
    case leaseIsShort(Duration, interval: Duration)
    /// It did not answer within so much lab time: it may take writes.
    case noAnswer(String, within: Duration)
    /// It answered, and refused.
    case refused(String, ServerError)
    /// Its power is off, so nothing starts there.
    case hasNoPower(String)
}

extension LabSnapshot.Node {
    /// Whether somebody keeps it from writing.
    package var takesNoWrites: Bool { fencing?.takesNoWrites ?? false }
}
