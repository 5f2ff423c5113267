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

extension Topology {
    /// How far apart two places are.
    struct Distance: Hashable {
        let delay: Duration
        let jitter: Duration

        static let none = Distance(delay: .zero, jitter: .zero)
    }

    /// How far apart two regions are, whoever stands there: as far as the farther of the two is
    /// from the primary's. Nil: nobody has said.
    static func distance(_ first: String, _ second: String) -> Distance? {
        guard first != second else { return Distance.none }
        guard let one = threeRegion.distance(of: first),
            let other = threeRegion.distance(of: second)
        else { return nil }
        return one.delay > other.delay ? one : other
    }

    private func distance(of region: String) -> Distance? {
        if region == primaryRegion { return Distance.none }
        return places.first { $0.region == region }
            .map { Distance(delay: $0.delay, jitter: $0.jitter) }
    }
}

extension Cluster {
    /// A standby's link has come to lead to another upstream: it is as long as the way between
    /// their regions, unless somebody has said something else of it than the way before was.
    func stretch(_ link: Link, of node: Node, before old: String?, now new: String) {
        func distance(to name: String?) -> Topology.Distance? {
            guard let here = node.region, let there = name.flatMap({ try? self.node($0) })?.region
            else { return nil }
            return Topology.distance(here, there)
        }
        guard old != new, let now = distance(to: new) else { return }
        let before = distance(to: old) ?? .none
        for way in [Link.Way.upstream, .downstream] {
            let faults = link.faults(way)
            guard Topology.Distance(delay: faults.delay, jitter: faults.jitter) == before else {
                continue
            }
            link.change(way) { ($0.delay, $0.jitter) = (now.delay, now.jitter) }
        }
    }
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
