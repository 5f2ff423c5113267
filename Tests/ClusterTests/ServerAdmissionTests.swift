import Network
import SQLServer
import Testing
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// Strangers that come in numbers, do not say who they are, ask and do not read, or stop in the
/// middle: they take nothing from the lab.
struct ServerAdmissionTests {
    private func connections(_ lab: Lab) throws -> (count: Int, unread: Int) {
        let both = try lab.onLoop { cluster throws(LabFailure) in
            let backends = try cluster.process(of: "p").backends.values
            return [backends.count, backends.map(\.unreadByteCount).max() ?? 0]
        }
        return (both[0], both[1])
    }

    @Test func `the hundred and first client is told that there are too many`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        var clients = try (0..<100).map { _ in try ServerTestClient(lab) }
        let startup = StartupMessage(user: "me", database: "x")
        let extra = try ServerTestClient(lab, startsUp: false)
        extra.send(.startup(startup))
        #expect(extra.readUntilReady() == [.error("!53300")])
        #expect(extra.isHungUpOn)
        // The lab's own client and replica are not counted.
        _ = try lab.write("a", "1", on: "p")
        _ = try lab.crash("r1", deliversWire: false)
        _ = try lab.restart("r1")
        #expect(try lab.read("a", on: "r1").value == "1")
        // One leaves, and its place is free.
        let leaver = clients.removeLast()
        leaver.send(.terminate)
        #expect(leaver.bytesUntilEnd().isEmpty)
        #expect(try ServerTestClient(lab).query("SELECT 1").first == .row(["1"]))
    }

    /// Behind a link the node takes who comes for its own replica.
    @Test func `nobody from outside gets in by the port of a link`() throws {
        let lab = try watchedLab(LabOptions(replicas: 2))
        defer { lab.close() }
        _ = try lab.follow("r2", "r1")
        for round in 1...10 {
            let ports = try lab.onLoop { cluster throws(LabFailure) in
                [
                    try cluster.node("r1").link?.port, try cluster.node("r2").link?.port,
                    try cluster.node("p").clientLink.port,
                ].compactMap { $0 }
            }
            #expect(ports.count == 3)
            let strangers = ports.map { ServerTestClient(port: $0) }
            for stranger in strangers {
                stranger.send(.startup(StartupMessage(user: "me", database: "x")))
            }
            // Its own comes meanwhile.
            _ = try lab.crash("r1", deliversWire: false)
            _ = try lab.restart("r1")
            for stranger in strangers { #expect(stranger.bytesUntilEnd().isEmpty) }
            _ = try lab.write("a", "\(round)", on: "p")
            #expect(try lab.read("a", on: "r1").value == "\(round)")
            // Those of r1 and of the lab's client.
            #expect(try connections(lab).count == 2)
        }
    }

    @Test func `the newest of too many mute strangers pushes the oldest out`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        let half = FrontendMessage.startup(StartupMessage(user: "me")).encoded().dropLast(3)
        var strangers: [ServerTestClient] = []
        for _ in 0..<200 {
            let stranger = try ServerTestClient(lab, startsUp: false)
            stranger.send(Array(half))
            strangers.append(stranger)
        }
        for stranger in strangers.prefix(200 - OutsideRoom.full.strangers) {
            #expect(stranger.bytesUntilEnd().isEmpty)
        }
        #expect(try connections(lab).count <= OutsideRoom.full.strangers + 2)
        #expect(try ServerTestClient(lab).query("SELECT 1").first == .row(["1"]))
        _ = try lab.write("a", "1", on: "p")
        #expect(try lab.read("a", on: "r1").value == "1")
        // Those that are left may still say who they are.
        strangers[199].send([0, 0, 0])
        #expect(strangers[199].readUntilReady().last == .error("!08P01"))
    }

    @Test func `whoever does not show who it is in time is closed without a word`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        lab.set(.authenticationTimeout, to: .zero)
        #expect(
            lab.settings().first { $0.name == "authentication_timeout" }?.value == "1s",
            "a second at the least")
        let guest = try ServerTestClient(lab)
        let mute = try ServerTestClient(lab, startsUp: false)
        let halting = try ServerTestClient(lab, startsUp: false)
        let half = FrontendMessage.startup(StartupMessage(user: "me")).encoded().dropLast(3)
        halting.send(Array(half))
        let asking = try ServerTestClient(lab, startsUp: false)
        asking.send(.sslRequest)
        let now = lab.now
        #expect(mute.bytesUntilEnd().isEmpty)
        #expect(halting.bytesUntilEnd().isEmpty)
        #expect(asking.bytesUntilEnd() == [EncryptionAnswer.refused.rawValue])
        // Those within are let be, and the lab's clock has not moved.
        #expect(guest.query("SELECT 1").first == .row(["1"]))
        #expect(lab.now == now)
        _ = try lab.write("a", "1", on: "p")
        #expect(try lab.read("a", on: "r1").value == "1")
    }

    @Test(arguments: FloodedDoor.allCases)
    func `a flood from a stranger fills no more than 64 KiB`(_ flood: FloodedDoor) throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let stranger = try ServerTestClient(lab, startsUp: false)
        stranger.send(flood.opening)
        var most = 0
        for _ in 0..<200 {
            stranger.sendWhatFits([UInt8](repeating: 0, count: 1 << 15))
            most = max(most, try held(lab))
        }
        #expect(most < 1 << 16)
        #expect(stranger.bytesUntilEnd().count < 1 << 10)
        _ = try lab.write("a", "1", on: "p")
    }

    /// What is kept of strangers' words, and of words for them.
    private func held(_ lab: Lab) throws -> Int {
        try lab.onLoop { cluster throws(LabFailure) in
            try cluster.process(of: "p").backends.values
                .filter { !$0.isLetIn }
                .map { $0.decoder.bufferedByteCount + $0.unreadByteCount }.max() ?? 0
        }
    }

    /// How a stranger may try to make a node keep what it says.
    enum FloodedDoor: CaseIterable {
        /// The longest startup packet, and zeros without end.
        case longestStartup
        /// A startup packet that is longer than any may be.
        case tooLongStartup
        /// One request for encryption after the other.
        case encryption

        var opening: [UInt8] {
            switch self {
            case .longestStartup: [0, 0, 0x27, 0x14, 0, 3, 0, 0]
            case .tooLongStartup: [0, 0, 0x27, 0x15, 0, 3, 0, 0]
            case .encryption:
                Array(repeating: FrontendMessage.gssencRequest.encoded(), count: 4_000)
                    .flatMap { $0 }
            }
        }
    }

    @Test func `a stranger that stops in the middle of a message stops nobody else`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        let query = FrontendMessage.query("INSERT INTO kv VALUES ('half', '1')").encoded()
        client.send(Array(query.dropLast(10)))
        _ = try lab.write("a", "1", on: "p")
        #expect(lab.wait(.seconds(120)))
        #expect(try lab.read("a", on: "r1").value == "1")
        client.send(Array(query.suffix(10)))
        #expect(client.readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
    }

    @Test(arguments: [false, true])
    func `a client that asks and does not read is not answered further`(extended: Bool) throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        for number in 0..<30 {
            let value = String(repeating: "x", count: 8_000)
            _ = client.query("INSERT INTO kv VALUES ('\(number)', '\(value)')")
        }
        let all = "SELECT * FROM kv"
        let group: [FrontendMessage] = [
            .parse(Parse(query: all)), .bind(Bind()), .execute(portal: "", maximumRows: 0), .sync,
        ]
        let question =
            extended
            ? group.flatMap { $0.encoded() } : FrontendMessage.query("\(all);\(all)").encoded()
        // The answers are far more than both kernels hold.
        let asked = 150
        for _ in 0..<asked { client.send(question) }
        // What the kernels take in one go leaves nothing behind for a moment.
        var inARow = 0
        for _ in 0..<1_000_000 where inARow < 200 {
            let unread = try connections(lab).unread
            try #require(unread < 1 << 19)
            inARow = unread > 0 ? inARow + 1 : 0
        }
        #expect(inARow == 200)
        _ = try lab.write("a", "1", on: "p")
        #expect(lab.wait(.seconds(120)))
        #expect(try lab.read("a", on: "r1").value == "1")
        #expect(try connections(lab).unread < 1 << 19)
        // It reads after all, and gets every answer.
        var answered = 0
        while answered < asked, let message = client.next() {
            if case .readyForQuery = message { answered += 1 }
        }
        #expect(answered == asked)
    }

    @Test func `a client that never reads is cut off when its node stops`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        _ = try lab.load(500, prefix: "k", on: "p") { _ in .zero }
        let client = try ServerTestClient(lab)
        let all = Array(repeating: "SELECT * FROM kv", count: 1_000).joined(separator: ";")
        client.send(.query(all), .terminate)
        _ = try lab.stop("p")
        #expect(try lab.restart("p").node == "p")
        _ = try lab.write("a", "1", on: "p")
    }

    @Test func `a cancel is heard, closed, and changes nothing`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        let canceller = try ServerTestClient(lab, startsUp: false)
        canceller.send(.cancelRequest(processID: 1, secretKey: 0))
        #expect(canceller.bytesUntilEnd().isEmpty)
        #expect(client.query("SELECT 1").first == .row(["1"]))
    }
}
