import DatabaseNode
import LabClock
import Network
import WireProtocol

// An application's clients, and the route by which they find the primary.
extension Lab {
    /// So many clients begin to write, each a key of its own at its pace.
    /// - Throws: `.clients`: there are some already, or too many for this process.
    package func beginClients(_ count: Int, _ terms: RoutedClient.Terms) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            guard cluster.fleet.count == 0 else { throw .clients(.areOn(cluster.fleet.count)) }
            try cluster.beginClients(count, terms, by: cluster.route)
        }
        settle()
    }

    /// They leave.
    package func endClients() throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in
            guard cluster.fleet.count > 0 else { throw .clients(.areOff) }
            cluster.fleet.end()
            cluster.note(.left)
        }
        settle()
    }

    /// What they were told; nil: there are none.
    package var clientsReport: ClientsReport? { onLoop { cluster in cluster.fleet.report } }

    /// The route to the primary.
    package var route: ClientRoute { onLoop { cluster in cluster.route } }

    /// Whether somebody has said of what kind it is.
    package var isRouteChosen: Bool { onLoop { cluster in cluster.fleet.isRouteChosen } }

    /// Makes it one of another kind; it leads where it led.
    package func setRoute(_ kind: ClientRoute.Kind) {
        onLoop { cluster in cluster.fleet.reroute(cluster.route.becoming(kind)) }
        settle()
    }

    /// From one write of theirs to the next; zero: nobody writes.
    package var clientInterval: Duration { onLoop { cluster in cluster.fleet.interval } }
}

extension Cluster {
    var route: ClientRoute { fleet.route ?? .usual(to: primary.name) }

    /// Descriptors that are neither the lab's own nor kept for outside programs.
    private var freeDescriptorCount: Int {
        let kept = nodes.count * (settings.room.sessions + settings.room.strangers)
        return max(0, DescriptorLimit.raised() - Lab.descriptorCount(nodes: nodes.count) - kept)
    }

    /// A client's connection is both ends of two sockets.
    private static let descriptorsPerClient = 4

    func beginClients(
        _ count: Int, _ terms: RoutedClient.Terms, by route: ClientRoute
    ) throws(LabFailure) {
        let room = freeDescriptorCount / Self.descriptorsPerClient
        guard count <= room else { throw .clients(.tooMany(count, room: room)) }
        do throws(ListenFailure) {
            for node in nodes {
                try fleet.connect(node.name) { [weak node] in node?.openPort }
                fleet.align(node.name, isFrozen: node.isFrozen)
            }
        } catch {
            throw .cannotListen(node: ClientEvent.name, reason: error.description)
        }
        fleet.begin(count, terms, by: route)
    }

    /// A client's write, over a connection of its own.
    func write(
        _ key: String, _ value: String, on name: String, over client: LabClient,
        done: @escaping ClientFleet.Answer
    ) {
        let id = ledger.asked(node: name, key: key, value: value, at: now)
        client.query(Self.statement(key, value)) { [weak self] answer in
            guard let self else { return }
            _ = learned(id, answer, from: name, isInTransaction: false)
            switch answer {
            case .lost(let wasSent): done(nil, wasSent)
            case .answered(_, .some(let error), _):
                let trouble = RoutedClient.Trouble.server(code: error.code.code)
                done(error.severity == .fatal ? .unknown(trouble) : .failed(trouble), true)
            case .answered(_, nil, _): done(.ok(isZombie: name != primary.name), true)
            }
        }
    }

    /// Something has become of a client.
    func heard(_ happening: ClientFleet.Happening) {
        switch happening {
        case .told(let client): note(.told(client))
        case .ended(let client, let node, let outcome):
            note(.ended(client, at: node, outcome))
        }
        if ledger.acknowledgedCount % Self.acknowledgementsRemembered == 0 {
            forgetCommitTimes(known: snapshot)
        }
    }

    /// After so many commits what all replicas have replayed is forgotten; a power of two.
    private static let acknowledgementsRemembered = 1 << 14
}
