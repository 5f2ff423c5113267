import DatabaseNode
import LabClock

// A primary that is kept from writing.
extension Node {
    /// Nothing starts without power.
    func checkHasPower() throws(LabFailure) {
        if hasNoPower { throw .fence(.hasNoPower(name)) }
    }

    /// What keeps it from writing, if it is a primary; also while it is down.
    func fencing(at now: LabInstant) -> Fencing? {
        if hasNoPower { return .power }
        guard role == .primary else { return nil }
        if fence.isReadOnly { return .command }
        return fence.leaseEnd.map { $0 <= now ? .leaseEnded(at: $0) : .leased(until: $0) }
    }
}
