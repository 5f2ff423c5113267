import LabClock
import Testing

@testable import Network

/// A close that comes to an end which is paused: the kernel tells of it at once, or a while later;
/// the lab never does before the end reads again.
struct PausedCloseTests {
    /// Both ends of one pair of sockets. `@unchecked Sendable`: touched on the loop only.
    private final class Pair: ConnectionHandler, @unchecked Sendable {
        let lab = LabLoop()
        private var near: Connection?
        private var far: Connection?
        private(set) var heard: [UInt8] = []
        private(set) var isClosed = false

        init() throws {
            try lab.perform { [self] in
                let listener = try lab.listen { [self] connection in
                    far = connection
                    connection.handler = self
                }
                lab.dial(port: listener.port) { [self] in near = $0 }
            }
            settle()
        }

        func settle() { #expect(lab.run { .still } == .reached) }
        func pause() throws { try lab.perform { [self] in far?.pause() } }
        func resume() throws { try lab.perform { [self] in far?.resume() } }
        func send(_ bytes: [UInt8]) throws { try lab.perform { [self] in near?.send(bytes) } }
        func close() throws { try lab.perform { [self] in near?.close() } }
        var unread: Int { get throws { try lab.perform { [self] in far?.unreadByteCount ?? 0 } } }
        var knowsOfClose: Bool {
            get throws { try lab.perform { [self] in far?.otherEndHasClosed ?? false } }
        }

        func received(_ bytes: [UInt8], on connection: Connection) { heard += bytes }
        func closed(_ connection: Connection) { isClosed = true }
    }

    @Test func `neither it nor the bytes before it are heard until then, and in order`() throws {
        // When the kernel tells of it is chance: many of them.
        for number in 1...40 {
            let pair = try Pair()
            defer { pair.lab.shutDown() }
            try pair.pause()
            try pair.send([1, 2, 3])
            pair.settle()
            try pair.close()
            for _ in 0..<number { pair.settle() }
            #expect(pair.heard == [] && !pair.isClosed)
            #expect(try pair.unread == 3)
            #expect(try pair.knowsOfClose)
            try pair.resume()
            pair.settle()
            #expect(pair.heard == [1, 2, 3] && pair.isClosed)
        }
    }
}
