package import DatabaseNode

// What outside programs do to the lab.
extension Lab {
    /// What they did since the last call, on all nodes together.
    package func takeOutsideTally() -> OutsideTally {
        onLoop { cluster in
            cluster.nodes.reduce(into: OutsideTally()) { $0.add($1.takeOutsideTally()) }
        }
    }
}
