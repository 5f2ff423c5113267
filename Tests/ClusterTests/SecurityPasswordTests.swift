import SQLServer
import Testing

@testable import Cluster
@testable import DatabaseNode
@testable import WireProtocol

/// `auth = scram`: whoever comes from outside shows that it knows the password. Needs the trait
/// `Security`.
@Suite(.enabled(if: Lab.hasSecurity, "built without the trait Security"))
struct SecurityPasswordTests {
    private let lab: Lab

    init() throws {
        lab = try watchedLab(LabOptions(replicas: 1))
        try lab.setPassword(try #require(Password("open sesame")))
        try lab.setAuthentication(.scram)
    }

    /// A connection that has been asked for its password.
    private func asked(_ node: String = "p") throws -> ServerTestClient {
        let client = try ServerTestClient(lab, node, startsUp: false)
        client.send(.startup(StartupMessage(user: "me", database: "x")))
        #expect(client.next() == .authentication(.sasl(mechanisms: ["SCRAM-SHA-256"])))
        return client
    }

    private func count() throws -> Int {
        try lab.onLoop { cluster throws(LabFailure) in
            try cluster.process(of: "p").backends.count
        }
    }

    @Test func `who knows the password is let in, and is shown that the server knows it`() throws {
        defer { lab.close() }
        for node in ["p", "r1"] {
            let client = try asked(node)
            try client.logIn("open sesame")
            #expect(client.readUntilReady().last == .ready("I"))
            #expect(client.query("SELECT 1").first == .row(["1"]))
        }
    }

    @Test func `a wrong password is refused, and so is a change of mind`() throws {
        defer { lab.close() }
        let before = try count()
        let guesser = try asked()
        try guesser.logIn("open sesame!")
        #expect(guesser.readUntilReady() == [.error("!28P01")])
        #expect(guesser.isHungUpOn)
        let querying = try asked()
        querying.send(.query("SELECT 1"))
        #expect(querying.readUntilReady() == [.error("!08P01")])
        let wordy = try asked()
        wordy.send([0x70, 0, 0, 4, 1])
        #expect(wordy.readUntilReady() == [.error("!28P01")])
        let leaving = try asked()
        leaving.finishSending()
        #expect(leaving.bytesUntilEnd().isEmpty)
        #expect(try count() == before)
    }

    @Test func `the lab's own client and replicas need no password`() throws {
        defer { lab.close() }
        _ = try lab.crash("r1", deliversWire: false)
        _ = try lab.restart("r1")
        _ = try lab.write("a", "1", on: "p")
        #expect(try lab.read("a", on: "r1").value == "1")
    }

    @Test func `another password counts for those who come next`() throws {
        defer { lab.close() }
        let early = try asked()
        try early.logIn("open sesame")
        #expect(early.readUntilReady().last == .ready("I"))
        try lab.setPassword(try #require(Password("rhubarb")))
        #expect(early.query("SELECT 1").first == .row(["1"]))
        let late = try asked()
        try late.logIn("open sesame")
        #expect(late.readUntilReady() == [.error("!28P01")])
        let right = try asked()
        try right.logIn("rhubarb")
        #expect(right.readUntilReady().last == .ready("I"))
        try lab.setAuthentication(.trust)
        #expect(try ServerTestClient(lab).query("SELECT 1").first == .row(["1"]))
        try lab.setAuthentication(.scram)
        #expect(lab.password?.text == "rhubarb")
    }

    @Test func `a full house says so before it asks, and when the last place is gone`() throws {
        defer { lab.close() }
        try lab.setAuthentication(.trust)
        var guests = try (0..<99).map { _ in try ServerTestClient(lab) }
        try lab.setAuthentication(.scram)
        let (first, second) = (try asked(), try asked())
        try first.logIn("open sesame")
        #expect(first.readUntilReady().last == .ready("I"))
        try second.logIn("open sesame")
        #expect(second.readUntilReady() == [.error("!53300")])
        let third = try ServerTestClient(lab, startsUp: false)
        third.send(.startup(StartupMessage(user: "me")))
        #expect(third.readUntilReady() == [.error("!53300")])
        let leaver = guests.removeLast()
        leaver.send(.terminate)
        #expect(leaver.bytesUntilEnd().isEmpty)
        try asked().logIn("open sesame")
    }

    @Test func `who is asked and says nothing is a stranger still`() throws {
        defer { lab.close() }
        let strangers = try (0..<40).map { _ in try asked() }
        for stranger in strangers.prefix(40 - NodeProcess.maximumUnauthenticatedCount) {
            #expect(stranger.bytesUntilEnd().isEmpty)
        }
        #expect(try count() <= NodeProcess.maximumUnauthenticatedCount + 2)
        lab.set(.authenticationTimeout, to: .seconds(1))
        #expect(try asked().bytesUntilEnd().isEmpty)
    }

    @Test func `a flood in place of a password fills no more than 64 KiB`() throws {
        defer { lab.close() }
        let client = try asked()
        // The longest answer there may be, and it never ends.
        client.send([0x70, 0, 0, 4, 0])
        var most = 0
        for _ in 0..<100 {
            client.sendWhatFits([UInt8](repeating: 0x6E, count: 1 << 15))
            most = max(
                most,
                try lab.onLoop { cluster throws(LabFailure) in
                    try cluster.process(of: "p").backends.values.filter { !$0.isLetIn }
                        .map { $0.decoder.bufferedByteCount + $0.unreadByteCount }.max() ?? 0
                })
        }
        #expect(most < 1 << 16)
        _ = client.bytesUntilEnd()
        #expect(client.isHungUpOn)
    }
}

extension ServerTestClient {
    /// The client's side of SCRAM-SHA-256, after it was asked. It records an issue if the server
    /// lets it in without having shown that it knows the password.
    fileprivate func logIn(_ password: String) throws {
        let hash = try #require(PasswordHash.available)
        let bare = "n=,r=rOprNGfwEbeRWgbNEkqO"
        send(
            SASLInitialResponse(
                mechanism: SCRAMServer.mechanism, data: Array("n,,\(bare)".utf8)
            ).message)
        let answer = next()
        guard case .authentication(.saslContinue(let bytes)) = answer else {
            Issue.record("no challenge but \(String(describing: answer))")
            return
        }
        let challenge = String(decoding: bytes, as: UTF8.self)
        let parts = challenge.split(separator: ",").map { $0.dropFirst(2) }
        let salted = SCRAMVerifier.salted(
            Array(password.utf8), salt: try #require(Base64.decoded(parts[1].utf8)),
            iterationCount: try #require(Int(parts[2])), hash: hash)
        let clientKey = hash.authenticationCode(of: Array("Client Key".utf8), key: salted)
        let open = "c=biws,r=\(parts[0])"
        let exchange = Array("\(bare),\(challenge),\(open)".utf8)
        let signature = hash.authenticationCode(of: exchange, key: hash.digest(clientKey))
        let proof = Base64.encoded(zip(clientKey, signature).map { $0 ^ $1 })
        send(.password(Array("\(open),p=".utf8) + proof))
        let serverKey = hash.authenticationCode(of: Array("Server Key".utf8), key: salted)
        let expected = Base64.encoded(hash.authenticationCode(of: exchange, key: serverKey))
        let end = next()
        if case .errorResponse = end { return putBack(end) }
        #expect(end == .authentication(.saslFinal(Array("v=".utf8) + expected)))
    }
}
