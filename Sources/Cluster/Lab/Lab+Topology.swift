import LabClock
import Network

/// Where the nodes stand, and how far apart that is. What it says of distances is set on the links;
/// what it says of places is for people.
package struct Topology: Hashable, Sendable {
    /// One replica's place.
    package struct Place: Hashable, Sendable {
        package let replica: String
        /// One word, as a cloud names its zones.
        package let region: String
        /// How long a byte travels, each way.
        package let delay: Duration
        /// By how much more it may be.
        package let jitter: Duration
    }

    /// What it is asked for by.
    package let name: String
    /// Where the primary stands.
    package let primaryRegion: String
    package let places: [Place]

    /// The chapter's example: a primary in Mumbai with a replica in each of two other zones there,
    /// 1 to 2 ms away and back, and one in Dublin, 130 ms.
    package static let threeRegion = Topology(
        name: "three-region", primaryRegion: "ap-south-1a",
        places: [
            Place(
                replica: "r1", region: "ap-south-1b", delay: .microseconds(500),
                jitter: .microseconds(500)),
            Place(
                replica: "r2", region: "ap-south-1c", delay: .microseconds(500),
                jitter: .microseconds(500)),
            Place(
                replica: "r3", region: "eu-west-1", delay: .milliseconds(65), jitter: .zero),
        ])
}

extension Lab {
    /// Lays the nodes out: sets the delays of each replica's link, both ways, and leaves its other
    /// faults as they are.
    ///
    /// - Throws: what is wrong with the first node that does not fit, and nothing is changed:
    ///   `.noSuchNode`, `.isPrimary`, `.isDown`.
    package func lay(out topology: Topology) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            var links: [(Link, Topology.Place)] = []
            for place in topology.places {
                let member = try cluster.member(place.replica)
                let link = try cluster.link(of: place.replica)
                guard member.isRunning else { throw .isDown(place.replica, member.state) }
                links.append((link, place))
            }
            for (link, place) in links {
                for way in [Link.Way.upstream, .downstream] {
                    link.change(way) { faults in
                        faults.delay = place.delay
                        faults.jitter = place.jitter
                    }
                }
                try cluster.node(place.replica).region = place.region
            }
            cluster.primary.region = topology.primaryRegion
        }
        settle()
    }
}
