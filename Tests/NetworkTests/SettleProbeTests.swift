import LabClock
import Testing

@testable import Network

/// Random traffic through real sockets and relays, with stalls, closes, resets and a second thread
/// that answers late. At every settle the bytes are counted from outside the ledger: what was sent
/// must have been received, or be on a link, to the byte.
@Suite(.serialized) struct SettleProbeTests {
    @Test(arguments: [1, 2, 3])
    func `at every stillness no byte is between two places`(seed: UInt64) throws {
        let probe = try Probe(seed: seed)
        for _ in 0..<400 {
            try probe.step()
            let account = try probe.count()
            #expect(account.received == account.expected, "seed \(seed)")
            #expect(account.jobsDone == account.jobsAsked)
        }
        probe.close()
    }

    @Test func `the ledger is exact while both cores are busy`() throws {
        try withBusyCores {
            let probe = try Probe(seed: 99)
            for _ in 0..<400 {
                try probe.step()
                let account = try probe.count()
                #expect(account.received == account.expected)
                #expect(account.jobsDone == account.jobsAsked)
            }
            probe.close()
        }
    }
}

/// Several senders, each with a link to one sink; loop-confined state behind `LabLoop.perform`.
private final class Probe: @unchecked Sendable {
    struct Count: Sendable {
        var received = 0
        var expected = 0
        var jobsAsked = 0
        var jobsDone = 0
    }

    private let lab = LabLoop()
    private var random: SeededDraws
    private var sink: Sink!
    private var listener: Listener!
    private var links: [Link] = []
    private var sources: [Source?] = []

    init(seed: UInt64) throws {
        random = SeededDraws(seed: seed)
        try lab.perform { [self] in
            sink = Sink(lab: lab)
            listener = try lab.listen { [self] in sink.accept($0) }
            for index in 0..<4 {
                links.append(
                    try Link(name: "l\(index)", lab: lab, capacity: 1 << 18) {
                        [self] in listener.port
                    })
                sources.append(nil)
            }
        }
    }

    /// One random act, then stillness, sometimes after some lab time.
    func step() throws {
        try lab.perform { [self] in
            for index in links.indices { act(on: index) }
        }
        let pause = random.next() % 4 == 0 ? Int(random.next() % 50) : 0
        let end = lab.run { [self] in
            pause == 0
                ? .still : .instant(lab.stepper.now.advanced(by: .milliseconds(pause)))
        }
        #expect(end == .reached)
    }

    private func act(on index: Int) {
        let link = links[index]
        guard let source = sources[index], source.isOpen else {
            // The next source starts on an empty wire, so that its bytes can be told apart.
            if link.heldByteCount(.upstream) == 0 {
                sources[index] = Source(lab: lab, port: link.port)
            } else {
                link.heal()
            }
            return
        }
        switch random.next() % 12 {
        case 0: link.cut()
        case 1: link.heal()
        case 2: link.setDelay(.milliseconds(Int(random.next() % 30)), .upstream)
        case 3: link.setDelay(.zero, .upstream)
        case 4 where random.next() % 4 == 0: source.end()
        case 5 where random.next() % 4 == 0: link.sever()
        default: source.send(Int(random.next() % 40_000))
        }
    }

    /// What every open session should have delivered, counted at both ends and on the wire.
    func count() throws -> Count {
        try lab.perform { [self] in
            var count = Count(jobsAsked: sink.jobsAsked, jobsDone: sink.jobsDone)
            for (link, source) in zip(links, sources) {
                guard let source, source.isOpen else { continue }
                let received = sink.received[source.identity] ?? 0
                let waiting = source.connection?.unhandledByteCount ?? 0
                count.received += received
                count.expected += source.sent - link.heldByteCount(.upstream) - waiting
                // Only a full link leaves bytes with their sender, and it is filled to the byte.
                #expect(waiting == 0 || link.heldByteCount(.upstream) == 1 << 18)
            }
            return count
        }
    }

    func close() {
        try? lab.perform { [self] in
            for link in links { link.close() }
            listener.close()
        }
        _ = lab.run { .still }
        lab.shutDown()
    }
}

/// Sends its identity in eight bytes, then random bytes.
private final class Source: ConnectionHandler {
    nonisolated(unsafe) static var nextIdentity = 0
    let identity: Int
    private(set) var connection: Connection?
    private(set) var sent = 0
    private(set) var isOpen = true
    private var backlog: [Int] = []

    init(lab: LabLoop, port: Int) {
        Self.nextIdentity += 1
        identity = Self.nextIdentity
        lab.dial(port: port) { [self] connection in
            guard let connection else {
                isOpen = false
                return
            }
            self.connection = connection
            connection.handler = self
            connection.send((0..<8).map { UInt8(truncatingIfNeeded: identity >> ($0 * 8)) })
            sent = 8
            backlog.forEach(send)
        }
    }

    func send(_ count: Int) {
        guard let connection else { return backlog.append(count) }
        guard connection.isOpen else { return }
        connection.send([UInt8](repeating: 7, count: count))
        sent += count
    }

    func end() {
        connection?.close()
        isOpen = false
    }

    func received(_ bytes: [UInt8], on connection: Connection) {}
    func closed(_ connection: Connection) { isOpen = false }
}

/// Counts what arrives by source; for some pieces asks another thread, which answers late.
private final class Sink: ConnectionHandler {
    private(set) var received: [Int: Int] = [:]
    private(set) var jobsAsked = 0
    private(set) var jobsDone = 0
    private var identities: [ObjectIdentifier: (header: [UInt8], identity: Int?)] = [:]
    private var connections: [Connection] = []
    private let worker = Worker()
    private var mailbox: Mailbox<Int>!

    init(lab: LabLoop) {
        mailbox = lab.mailbox { [unowned self] _ in jobsDone += 1 }
    }

    func accept(_ connection: Connection) {
        connections.append(connection)
        identities[ObjectIdentifier(connection)] = ([], nil)
        connection.handler = self
    }

    func received(_ bytes: [UInt8], on connection: Connection) {
        var rest = bytes[...]
        var entry = identities[ObjectIdentifier(connection)] ?? ([], nil)
        while entry.header.count < 8, let byte = rest.popFirst() { entry.header.append(byte) }
        if entry.header.count == 8, entry.identity == nil {
            let identity = entry.header.enumerated().reduce(0) { $0 | Int($1.1) << ($1.0 * 8) }
            entry.identity = identity
            received[identity, default: 0] += 8
        }
        if let identity = entry.identity { received[identity, default: 0] += rest.count }
        identities[ObjectIdentifier(connection)] = entry
        guard bytes.count % 3 == 0 else { return }
        jobsAsked += 1
        mailbox.expect()
        worker.submit { [mailbox] in mailbox?.post(1) }
        connection.send([1, 2, 3])
    }

    func closed(_ connection: Connection) {
        identities[ObjectIdentifier(connection)] = nil
    }
}
