internal import Cluster
internal import DatabaseNode

/// What a session keeps in mind of what its commands did, and the lab does not say.
struct Memory {
    /// The node that was the primary when the lab was last looked at.
    private(set) var primary: String?
    /// An error has ended the open transaction; only its end may follow.
    private(set) var transactionHasFailed = false
    /// The disks that commands have made fail.
    private(set) var diskFaults: [String: DiskFault] = [:]

    /// Remembers what the lab is like.
    mutating func note(_ snapshot: LabSnapshot) {
        primary = snapshot.primary
        if snapshot.openTransaction == nil { transactionHasFailed = false }
    }

    /// A command made a node's disk fail, or work.
    mutating func note(_ fault: DiskFault, on node: String) {
        diskFaults[node] = fault == .none ? nil : fault
    }

    /// The server refused something inside the open transaction.
    mutating func transactionFailed() {
        transactionHasFailed = true
    }
}
