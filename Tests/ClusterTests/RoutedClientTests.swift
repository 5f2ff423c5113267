import Cluster
import LabClock
import Testing

/// One client, a write every 500 ms, in dialogues: what it does when, by each kind of route.
struct RoutedClientTests {
    private static func at(_ milliseconds: Int64) -> LabInstant {
        LabInstant(nanoseconds: milliseconds * 1_000_000)
    }

    /// A client whose first write is due at once; its name was looked up so long ago.
    private func client(
        _ route: ClientRoute, lookedUp ago: Int64 = 0, retry: Duration = .zero
    ) -> RoutedClient {
        RoutedClient(
            RoutedClient.Terms(interval: .milliseconds(500), retry: retry), first: Self.at(0),
            by: route, lookedUp: Self.at(-ago))
    }

    private func repointed(_ route: ClientRoute, at milliseconds: Int64) -> ClientRoute {
        var route = route
        let isNews = route.repoint(to: "r1", at: Self.at(milliseconds))
        #expect(isNews)
        return route
    }

    /// It is connected, and its first write was answered.
    private func connectedClient(
        _ route: ClientRoute, lookedUp ago: Int64 = 0
    ) -> RoutedClient {
        var client = client(route, lookedUp: ago)
        #expect(client.passed(to: Self.at(0), by: route) == [.write(1, to: "p")])
        client.connected(to: "p", by: route, at: Self.at(0))
        #expect(client.answered(1, .ok(isZombie: false), at: Self.at(0)) == [.endedOK(1, at: "p")])
        #expect(client.due == Self.at(500))
        return client
    }

    // MARK: A name

    private let name = ClientRoute(.dns(ttl: .seconds(30)), to: "p")

    @Test func `who believes a name goes where it led, and asks again when its answer ends`() {
        var client = connectedClient(name, lookedUp: 29_000)
        let route = repointed(name, at: 100)
        #expect(client.repointed(route) == [])
        #expect(client.passed(to: Self.at(500), by: route) == [.write(2, to: "p")])
        #expect(
            client.answered(2, .ok(isZombie: true), at: Self.at(500))
                == [.ended(2, at: "p", .ok(isZombie: true))])
        #expect(
            client.passed(to: Self.at(1000), by: route)
                == [.told("r1"), .hangUp("p"), .write(3, to: "r1")])
    }

    @Test func `a lost connection is made again to whom the name stood for`() {
        var client = connectedClient(name)
        let route = repointed(name, at: 100)
        client.disconnected(from: "p")
        #expect(client.passed(to: Self.at(500), by: route) == [.write(2, to: "p")])
        #expect(
            client.lost(2, wasSent: false, by: route, at: Self.at(500))
                == [.ended(2, at: "p", .failed(.refused))])
        #expect(client.due == Self.at(1000))
    }

    @Test func `an answer that has not changed costs no connection`() {
        var client = connectedClient(name, lookedUp: 30_000)
        #expect(client.passed(to: Self.at(500), by: name) == [.write(2, to: "p")])
        #expect(client.destination(by: name).until == Self.at(30_000))
    }

    // MARK: An address

    private let address = ClientRoute(.vip, to: "p")

    @Test func `who has an old connection to an address that moved is reset when it sends`() {
        var client = connectedClient(address)
        let route = repointed(address, at: 100)
        #expect(client.repointed(route) == [.told("r1")])
        #expect(
            client.passed(to: Self.at(500), by: route)
                == [.hangUp("p"), .ended(2, at: "r1", .failed(.reset))])
        #expect(client.passed(to: Self.at(1000), by: route) == [.write(3, to: "r1")])
    }

    @Test func `what is under way when the address moves is answered, or given up`() {
        var client = connectedClient(address)
        #expect(client.passed(to: Self.at(500), by: address) == [.write(2, to: "p")])
        let route = repointed(address, at: 600)
        _ = client.repointed(route)
        #expect(client.due == Self.at(5500))
        #expect(client.passed(to: Self.at(5500), by: route) == [.hangUp("p")])
        #expect(
            client.lost(2, wasSent: true, by: route, at: Self.at(5500))
                == [.ended(2, at: "p", .unknown(.answerTimedOut))])
    }

    // MARK: A pooler

    private let pooler = ClientRoute(.pooler, to: "p")

    @Test func `behind a pooler the connection to the server changes and nobody is told`() {
        var client = connectedClient(pooler)
        let route = repointed(pooler, at: 100)
        #expect(client.repointed(route) == [.told("r1")])
        #expect(
            client.passed(to: Self.at(500), by: route) == [.hangUp("p"), .write(2, to: "r1")])
    }

    @Test func `a write that finds no server waits at the pooler until that is repointed`() {
        var client = connectedClient(pooler)
        client.disconnected(from: "p")
        #expect(client.passed(to: Self.at(500), by: pooler) == [.write(2, to: "p")])
        #expect(client.lost(2, wasSent: false, by: pooler, at: Self.at(500)) == [])
        #expect(client.due == Self.at(5500))
        let route = repointed(pooler, at: 3000)
        #expect(client.repointed(route) == [.told("r1")])
        #expect(client.due <= Self.at(3000))
        #expect(client.passed(to: Self.at(3000), by: route) == [.write(2, to: "r1")])
    }

    @Test func `a write that waits at the pooler for too long was not executed`() {
        var client = connectedClient(pooler)
        client.disconnected(from: "p")
        _ = client.passed(to: Self.at(500), by: pooler)
        _ = client.lost(2, wasSent: false, by: pooler, at: Self.at(500))
        #expect(
            client.passed(to: Self.at(5500), by: pooler)
                == [.ended(2, at: "p", .failed(.noServer))])
        #expect(client.due == Self.at(5500))
    }

    @Test func `a write that was under way when its server went is unknown`() {
        var client = connectedClient(pooler)
        _ = client.passed(to: Self.at(500), by: pooler)
        #expect(
            client.lost(2, wasSent: true, by: pooler, at: Self.at(600))
                == [.ended(2, at: "p", .unknown(.lost))])
    }

    // MARK: Time

    @Test func `a connect is given up after 2 s, an answer 5 s after the connection was there`() {
        var client = client(name)
        _ = client.passed(to: Self.at(0), by: name)
        #expect(client.due == Self.at(2000))
        client.connected(to: "p", by: name, at: Self.at(1500))
        #expect(client.due == Self.at(6500))
        client = self.client(name)
        _ = client.passed(to: Self.at(0), by: name)
        #expect(client.passed(to: Self.at(2000), by: name) == [.hangUp("p")])
        #expect(
            client.lost(1, wasSent: false, by: name, at: Self.at(2000))
                == [.ended(1, at: "p", .failed(.connectTimedOut))])
    }

    @Test func `what was due while it waited is left out, and its pace stays`() {
        var client = client(name)
        _ = client.passed(to: Self.at(0), by: name)
        client.connected(to: "p", by: name, at: Self.at(0))
        _ = client.answered(1, .ok(isZombie: false), at: Self.at(1200))
        #expect(client.due == Self.at(1500))
        #expect(client.writeCount == 1)
    }

    @Test func `after an error it leaves its pool alone for a while, and keeps its pace`() {
        var client = client(name, retry: .milliseconds(1800))
        _ = client.passed(to: Self.at(0), by: name)
        _ = client.lost(1, wasSent: false, by: name, at: Self.at(0))
        #expect(client.due == Self.at(2000))
    }

    @Test func `an answer to a write that is over is nobody's`() {
        var client = connectedClient(name)
        #expect(client.answered(1, .ok(isZombie: false), at: Self.at(10)) == [])
        #expect(client.lost(1, wasSent: true, by: name, at: Self.at(10)) == [])
    }

    @Test func `another kind of route leads where the old one led`() {
        var client = connectedClient(name)
        let route = name.becoming(.vip)
        client.rerouted(route, at: Self.at(100))
        #expect(client.passed(to: Self.at(500), by: route) == [.write(2, to: "p")])
        #expect(client.destination(by: route).until == nil)
    }
}

extension RoutedClient.Action {
    fileprivate static func endedOK(_ number: Int, at node: String) -> Self {
        .ended(number, at: node, .ok(isZombie: false))
    }
}
