import DatabaseNode
import LabClock
import Network

/// An application's clients: carries out what each ``RoutedClient`` asks for, over connections of
/// its own.
///
/// - Each has a connection to one node at a time, over a link that all of them share.
/// - At one instant they take turns, in the order of their names, each when what the one before it
///   asked for has come to rest: so the log's order is theirs, not the kernel's.
/// - It is of the run, like a heartbeat: a lab that is opened again has none.
/// - Touched on the lab's loop only.
final class ClientFleet {
    /// What a client's answer was.
    typealias Answer = (_ outcome: RoutedClient.Outcome?, _ wasSent: Bool) -> Void
    /// Sends a write to a node; an answer without outcome: the connection went away.
    typealias Write = (
        _ key: String, _ value: String, _ node: String, LabClient, @escaping Answer
    ) -> Void

    /// What is told of them.
    enum Happening {
        case told(client: Int)
        case ended(client: Int, node: String, RoutedClient.Outcome)
    }

    private struct Seat {
        let name: String
        var client: RoutedClient
        var lines: [String: LabClient] = [:]
        var counts = ClientTally.Counts()
        var lastOK: LabInstant?
    }

    /// While there are any.
    private struct Run {
        let number: Int
        let began: LabInstant
        let terms: RoutedClient.Terms
        var tally = ClientTally()
        var lastOKs: [String: LabInstant] = [:]
    }

    private let lab: LabLoop
    private let seed: UInt64
    private let deadline: Deadline
    private let write: Write
    private let tell: (Happening) -> Void
    private var links: [String: Link] = [:]
    private var seats: [Seat] = []
    private var run: Run?
    private var runCount = 0
    /// Numbers of writes go on where earlier clients of the same names stopped.
    private var writeCounts: [Int] = []
    /// Where it leads; nil: nobody has said, and to the primary.
    private(set) var route: ClientRoute?
    /// Somebody has said of what kind it is.
    private(set) var isRouteChosen = false

    init(
        lab: LabLoop, seed: UInt64, write: @escaping Write,
        tell: @escaping (Happening) -> Void
    ) {
        self.lab = lab
        self.seed = seed
        self.write = write
        self.tell = tell
        // Whatever is due brings a stillness, and with it a look.
        deadline = Deadline(lab: lab, owner: ClientEvent.name) {}
    }
}

// Beginning and ending.
extension ClientFleet {
    /// How many clients there are.
    var count: Int { seats.count }

    /// From one write to the next, of whichever client; zero: nobody writes.
    var interval: Duration { run.map { $0.terms.interval / max(1, count) } ?? .zero }

    /// Makes the wire to a node, if there is none.
    func connect(
        _ node: String, port: @escaping () -> Int?
    ) throws(ListenFailure) {
        guard links[node] == nil else { return }
        links[node] = try Link(name: "a-\(node)", lab: lab, seed: seed, targetPort: port)
    }

    /// So many clients begin. Their writes lie spread over the interval, and what they know of the
    /// name was looked up over the time before; in which order, the seed decides.
    func begin(_ count: Int, _ terms: RoutedClient.Terms, by route: ClientRoute) {
        let now = lab.stepper.now
        self.route = route
        runCount += 1
        run = Run(number: runCount, began: now, terms: terms)
        writeCounts += Array(repeating: 0, count: max(0, count - writeCounts.count))
        var draws = SeededDraws(seed: seed ^ UInt64(bitPattern: now.nanoseconds))
        let (paces, ages) = (draws.places(count), draws.places(count))
        seats = (0..<count).map { index in
            let age =
                switch route.kind {
                case .dns(let ttl): ttl * ages[index] / count
                case .vip, .pooler: Duration.zero
                }
            return Seat(
                name: "c\(index + 1)",
                client: RoutedClient(
                    terms, first: now.advanced(by: terms.interval * paces[index] / count),
                    by: route,
                    lookedUp: LabInstant(
                        nanoseconds: now.nanoseconds - age.wholeNanoseconds),
                    after: writeCounts[index]))
        }
    }

    /// Nobody writes any more. What was under way is lost for those who asked.
    func end() {
        let leaving = seats
        for (index, seat) in leaving.enumerated() { writeCounts[index] = seat.client.writeCount }
        (seats, run) = ([], nil)
        deadline.cancel()
        for client in leaving.flatMap({ $0.lines.values }) { client.close() }
    }

    /// The lab ends.
    func close() {
        end()
        for link in links.values { link.close() }
        links = [:]
    }
}

// What becomes of nodes and of the route.
extension ClientFleet {
    /// It leads to another node from now on.
    func repoint(to node: String) {
        let now = lab.stepper.now
        guard route?.repoint(to: node, at: now) == true, let route else { return }
        for index in seats.indices { carryOut(seats[index].client.repointed(route), by: index) }
    }

    /// It is of another kind from now on.
    func reroute(_ route: ClientRoute) {
        self.route = route
        isRouteChosen = true
        for index in seats.indices { seats[index].client.rerouted(route, at: lab.stepper.now) }
    }

    /// What was on the wire to a node is gone, with the node.
    func sever(_ node: String) { links[node]?.sever() }

    /// Tells the wire to a node whether its process runs, or is gone.
    func align(_ node: String, isFrozen: Bool, isGone: Bool = false) {
        if isFrozen {
            links[node]?.freeze(.target)
        } else {
            links[node]?.thaw(.target, isGone: isGone)
        }
    }
}

// Writing.
extension ClientFleet {
    /// Work for a stillness: the next client that has something to do does it; says whether any
    /// had.
    func look() -> Bool {
        guard let route, !seats.isEmpty else { return false }
        let now = lab.stepper.now
        var next = LabInstant(nanoseconds: .max)
        for index in seats.indices {
            let due = seats[index].client.due
            guard due > now else {
                carryOut(seats[index].client.passed(to: now, by: route), by: index)
                return true
            }
            next = min(next, due)
        }
        deadline.move(to: next)
        return false
    }

    private func carryOut(_ actions: [RoutedClient.Action], by index: Int) {
        for action in actions {
            switch action {
            case .write(let number, let node): send(number, to: node, by: index)
            case .hangUp(let node): seats[index].lines[node]?.close()
            case .told: tell(.told(client: index))
            case .ended(_, let node, let outcome):
                seats[index].counts.add(outcome)
                run?.tally.add(outcome, at: node)
                if case .ok = outcome {
                    seats[index].lastOK = lab.stepper.now
                    run?.lastOKs[node] = lab.stepper.now
                }
                tell(.ended(client: index, node: node, outcome))
            }
        }
    }

    private func send(_ number: Int, to node: String, by index: Int) {
        let key = "\(seats[index].name):\(number)"
        let client = line(of: index, to: node)
        let run = runCount
        write(key, "\(number)", node, client) { [weak self] outcome, wasSent in
            guard let self, self.run?.number == run, let route else { return }
            let now = lab.stepper.now
            let actions =
                if let outcome {
                    seats[index].client.answered(number, outcome, at: now)
                } else {
                    seats[index].client.lost(number, wasSent: wasSent, by: route, at: now)
                }
            carryOut(actions, by: index)
        }
    }

    private func line(of index: Int, to node: String) -> LabClient {
        if let line = seats[index].lines[node] { return line }
        let link = links[node]
        let line = LabClient(lab: lab) { [weak link] in link?.openPort }
        let run = runCount
        line.connectionMade = { [weak self] in
            guard let self, self.run?.number == run, let route else { return }
            seats[index].client.connected(to: node, by: route, at: lab.stepper.now)
        }
        line.connectionLost = { [weak self] in
            guard let self, self.run?.number == run else { return }
            seats[index].client.disconnected(from: node)
        }
        seats[index].lines[node] = line
        return line
    }

    /// What there is to see of them; nil: there are none.
    var report: ClientsReport? {
        guard let run, let route else { return nil }
        let clients = seats.map { seat in
            let destination = seat.client.destination(by: route)
            return ClientsReport.Client(
                name: seat.name, node: destination.node, until: destination.until,
                counts: seat.counts, lastOK: seat.lastOK)
        }
        return ClientsReport(
            terms: run.terms, route: route, began: run.began, clients: clients, tally: run.tally,
            lastOKs: run.lastOKs)
    }
}

extension SeededDraws {
    /// The numbers from 0 up to, and without, `count`, in an order that is drawn.
    fileprivate mutating func places(_ count: Int) -> [Int] {
        var places = Array(0..<count)
        for last in places.indices.reversed() { places.swapAt(last, number(below: last + 1)) }
        return places
    }
}
