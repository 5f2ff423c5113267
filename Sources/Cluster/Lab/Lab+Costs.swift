package import DatabaseNode

// What the nodes' own work takes.
extension Lab {
    /// Changes what a node's own work takes in lab time, from now on; also of a node that is down.
    package func changeCosts(
        of node: String, _ change: @escaping @Sendable (inout NodeCosts) -> Void
    ) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in change(&(try cluster.node(node)).costs) }
        settle()
    }
}
