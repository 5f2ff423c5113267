import Glibc
import LabClock
import Synchronization
import TestSupport
import Testing

@testable import Network

/// A link's own port is for the end it was made for: who else connects is reset, whenever it comes.
struct LinkPortTests {
    /// What the target of a link was handed. Loop only.
    private final class Target: ConnectionHandler {
        var connections: [Connection] = []
        var heard: [UInt8] = []

        func accept(_ connection: Connection) {
            connections.append(connection)
            connection.handler = self
        }
        func received(_ bytes: [UInt8], on connection: Connection) { heard += bytes }
        func closed(_ connection: Connection) { connections.removeAll { $0 === connection } }
    }

    /// A link and its target. `@unchecked Sendable`: touched on the loop only.
    private final class Wire: @unchecked Sendable {
        let lab = LabLoop()
        let target = Target()
        private(set) var link: Link!

        init() throws {
            try lab.perform { [self] in
                let port = try lab.listen { [target] in target.accept($0) }.port
                link = try Link(name: "p-r1", lab: lab) { port }
            }
        }

        var port: Int { get throws { try lab.perform { [self] in link.port } } }

        /// One of the lab's own connects, says a byte and leaves.
        func visit(_ byte: UInt8) throws {
            let lab = lab
            try lab.perform { [self] in
                lab.dial(port: link.port) { connection in
                    connection?.send([byte])
                    connection?.close()
                }
            }
            #expect(lab.run { .still } == .reached)
        }
    }

    /// Connects and speaks, until it is told to stop; says how often, and how often it was heard.
    private final class Knocker: Sendable {
        private let isOver = Atomic(false)
        private let knocks = Atomic(0)
        private let answers = Atomic(0)

        func run(_ port: Int) {
            while !isOver.load(ordering: .relaxed) {
                guard let socket = loopbackSocket(to: port) else { continue }
                var byte: UInt8 = 0
                _ = send(socket, &byte, 1, Int32(MSG_NOSIGNAL))
                // The end comes at once: a byte would be an answer.
                if recv(socket, &byte, 1, 0) > 0 { answers.add(1, ordering: .relaxed) }
                close(socket)
                knocks.add(1, ordering: .relaxed)
            }
        }

        var count: Int { knocks.load(ordering: .relaxed) }
        var answered: Int { answers.load(ordering: .relaxed) }
        func stop() { isOver.store(true, ordering: .relaxed) }
    }

    @Test(.timeLimit(.minutes(15)))
    func `an outside program is reset, and neither carried nor counted`() throws {
        let wire = try Wire()
        defer { wire.lab.shutDown() }
        let socket = try #require(loopbackSocket(to: try wire.port))
        defer { close(socket) }
        var byte: UInt8 = 0
        #expect(recv(socket, &byte, 1, 0) == -1 && errno == ECONNRESET)
        let tally = try wire.lab.perform { wire.link.tally }
        #expect(tally.admitted == 0 && tally.carried == 0)
    }

    @Test(.timeLimit(.minutes(15)))
    func `while outside programs knock, the lab's own are carried, and they alone`() async throws {
        let wire = try Wire()
        defer { wire.lab.shutDown() }
        let port = try wire.port
        let knocker = Knocker()
        async let knocking: [Void] = withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { knocker.run(port) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var visits: [UInt8] = []
        while visits.count < 200 || knocker.count < 200 {
            visits.append(UInt8(visits.count % 255 + 1))
            try wire.visit(visits.last ?? 0)
        }
        knocker.stop()
        _ = await knocking
        #expect(knocker.answered == 0)
        try wire.lab.perform { [visits] in
            #expect(wire.target.heard == visits)
            #expect(wire.link.tally.admitted == visits.count)
            #expect(wire.link.tally.carried == visits.count)
        }
    }
}
