import Replication
import SQLServer
import Testing
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// Timeouts of a connection, in lab time, on real sockets.
struct LivenessTests {
    private func events(_ lab: Lab) -> [String] {
        lab.takeEvents().compactMap { event in
            switch event.kind {
            case .node(.sender(let replica, .timedOut)): "\(event.node) gave up \(replica)"
            case .node(.sender(let replica, .replaced)): "\(event.node) replaced \(replica)"
            case .node(.receiver(.timedOut)): "\(event.node) gave up its upstream"
            case .node(.receiver(.streaming)): "\(event.node) streams"
            default: nil
            }
        }
    }

    @Test func `an idle lab stays connected for a day`() throws {
        let lab = try watchedLab(LabOptions(replicas: 2))
        defer { lab.close() }
        lab.set(.walReceiverStatusInterval, to: .seconds(29))
        #expect(lab.wait(.seconds(86_400)))
        #expect(events(lab) == [])
        #expect(lab.snapshot().nodes.allSatisfy { $0.reception ?? .streaming == .streaming })
    }

    @Test func `both ends of a cut wire find out after a minute, and meet again when it is whole`()
        throws
    {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        try lab.partition("r1")
        #expect(lab.wait(.seconds(59)))
        #expect(events(lab) == [])
        #expect(lab.wait(.seconds(1)))
        #expect(events(lab) == ["p gave up r1", "r1 gave up its upstream"])
        _ = try lab.write("a", "1", on: "p")
        #expect(lab.wait(.seconds(600)))
        #expect(events(lab) == [])
        #expect(try lab.heal("r1"))
        #expect(lab.wait(.seconds(5)))
        #expect(events(lab) == ["r1 streams"])
        #expect(try lab.read("a", on: "r1").value == "1")
    }

    @Test func `a replica that connects again while its old connection hangs replaces it`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        lab.set(.walSenderTimeout, to: .zero)
        lab.set(.walReceiverTimeout, to: .seconds(10))
        try lab.partition("r1")
        #expect(lab.wait(.seconds(10)))
        // The primary has not been told: its end of the old connection is still there.
        #expect(lab.snapshot()["p"]?.senders.map(\.name) == ["r1"])
        #expect(try lab.heal("r1"))
        #expect(lab.wait(.seconds(30)))
        _ = try lab.write("a", "1", on: "p")
        #expect(try lab.read("a", on: "r1").value == "1")
        #expect(lab.snapshot()["p"]?.senders.map(\.name) == ["r1"])
    }

    @Test func `two outside programs of one name are both served`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let clients = try (0..<2).map { _ in try ServerTestClient(lab, startsUp: false) }
        for client in clients {
            client.send(
                .startup(
                    StartupMessage(
                        user: "me", applicationName: "pg_receivewal", replication: true)))
            _ = client.readUntilReady()
            client.send(.query("START_REPLICATION 0/100000"))
            while let message = client.next() {
                if case .copyBothResponse = message { break }
            }
        }
        #expect(lab.snapshot()["p"]?.senders.count == 2)
    }

    @Test func `a replica that says who it is takes the place of its older self`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        let twin = try ServerTestClient(lab, startsUp: false)
        twin.send(
            .startup(
                StartupMessage(
                    user: WALReceiver.user, applicationName: "r1", replication: true)))
        _ = twin.readUntilReady()
        twin.send(.query("START_REPLICATION 0/100000"))
        while let message = twin.next() {
            if case .copyBothResponse = message { break }
        }
        #expect(lab.wait(.seconds(5)))
        // r1 came back five seconds later, and took the stream again.
        #expect(events(lab) == ["p replaced r1", "p replaced r1", "r1 streams"])
        #expect(twin.readUntilReady().last == .error("!57P01"))
    }
}
