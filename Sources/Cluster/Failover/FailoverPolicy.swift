package import Replication

/// How a failover is gone about: who notices when, and what each step takes. Pure.
///
/// The lab's own steps take no time; what they take elsewhere, a policy says. The chapter gives
/// both of those here ("Well-tuned: 10-30 seconds. Poorly tuned: 5-10 minutes") and the parts they
/// are made of.
package struct FailoverPolicy: Hashable, Sendable {
    package enum Name: String, Hashable, Sendable {
        case auto, tuned, untuned
    }

    package let name: Name
    /// From the verdict until somebody begins to act.
    package let alert: Duration
    package let fencing: Duration
    package let promoting: Duration
    package let repointing: Duration
    /// What a drill brings with it; nil: what is there is used.
    package let drill: Drill?

    /// A failover of a primary that is killed for it.
    package struct Drill: Hashable, Sendable {
        package let detection: FailureDetector.Terms
        /// The route, where nobody has chosen one.
        package let route: ClientRoute.Kind
        package let clients: RoutedClient.Terms
        package static let clientCount = 20
        /// What the chapter says of it all, in seconds.
        package let claim: ClosedRange<Int>
    }

    /// An agent that acts at once, on the monitor's verdict.
    package static let auto = FailoverPolicy(
        name: .auto, alert: .zero, fencing: .zero, promoting: .zero, repointing: .zero, drill: nil)

    /// Nobody is waited for: a monitor with the chapter's terms, a power switch that confirms
    /// within 5 s, a script.
    package static let tuned = FailoverPolicy(
        name: .tuned, alert: .zero, fencing: .seconds(5), promoting: .milliseconds(1500),
        repointing: .zero,
        drill: Drill(
            detection: FailureDetector.Terms(
                interval: .seconds(1), misses: 3, timeout: .seconds(1)),
            route: .vip,
            clients: RoutedClient.Terms(interval: .milliseconds(500), retry: .seconds(2)),
            claim: 10...30))

    /// A slow monitor, a person who is called (2 min) and logs in, a name that is kept for 5 min
    /// and changed by hand (30 s), pools that wait long.
    package static let untuned = FailoverPolicy(
        name: .untuned, alert: .seconds(120), fencing: .seconds(10), promoting: .seconds(2),
        repointing: .seconds(30),
        drill: Drill(
            detection: FailureDetector.Terms(
                interval: .seconds(10), misses: 3, timeout: .seconds(10)),
            route: .dns(ttl: .seconds(300)),
            clients: RoutedClient.Terms(interval: .seconds(5), retry: .seconds(30)),
            claim: 300...600))
}
