// From where on a replica is too far behind.
extension Lab {
    /// The limits of the alarms.
    package var lagLimits: LagLimits { onLoop { cluster in cluster.lagWatch.limits } }

    /// Changes them, from now on.
    package func setLagLimits(_ change: @escaping @Sendable (inout LagLimits) -> Void) {
        onLoop { cluster in change(&cluster.lagWatch.limits) }
        settle()
    }
}
