import Glibc
import Testing
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// A plain INSERT whose key a commit has that is on its way to disk, as clients see it.
struct InsertWaitTests {
    private let insert = "INSERT INTO kv VALUES ('a', '2')"

    /// A commit of `a` whose fdatasync is under way, and a second client that inserts `a` too.
    private func collision(_ before: String...) throws -> HeldDisk {
        let scene = try HeldDisk(clientCount: 2)
        for query in before { _ = scene.clients[1].query(query) }
        scene.clients[0].send(.query("INSERT INTO kv VALUES ('a', '1')"))
        scene.gate.waitForArrival()
        scene.clients[1].send(.query(insert))
        try scene.waitUntilWaiting(2)
        #expect(!scene.clients[1].hasAnswer)
        return scene
    }

    @Test func `it hears that the key is taken when that is durable, and no sooner`() throws {
        let scene = try collision()
        scene.gate.open()
        #expect(scene.clients[0].readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
        #expect(scene.clients[1].readUntilReady() == [.error("23505"), .ready("I")])
        #expect(scene.clients[1].query(insert) == [.error("23505"), .ready("I")])
    }

    @Test func `in a block it fails the block, no sooner`() throws {
        let scene = try collision("BEGIN")
        scene.gate.open()
        #expect(scene.clients[1].readUntilReady() == [.error("23505"), .ready("E")])
    }

    @Test func `its connection ends if the disk fails under the other commit`() throws {
        let scene = try collision()
        scene.gate.fail(with: EIO)
        for client in scene.clients {
            #expect(client.readUntilReady() == [.error("!58030")])
            #expect(client.isHungUpOn)
        }
    }
}
