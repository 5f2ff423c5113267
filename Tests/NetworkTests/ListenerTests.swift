import Glibc
import LabClock
import TestSupport
import Testing

@testable import Network

/// What a stranger can make the lab take at a time.
struct ListenerTests {
    /// Notes how much it is handed; reads freely from some byte on.
    private final class Taker: ConnectionHandler {
        let freeFrom: Int
        let enough: Int
        let done: () -> Void
        var total = 0
        var largestAtFirst = 0
        var largestThen = 0

        init(freeFrom: Int, enough: Int, done: @escaping () -> Void) {
            self.freeFrom = freeFrom
            self.enough = enough
            self.done = done
        }

        func received(_ bytes: [UInt8], on connection: Connection) {
            if total < freeFrom {
                largestAtFirst = max(largestAtFirst, bytes.count)
                if total + bytes.count >= freeFrom { connection.readFreely() }
            } else {
                largestThen = max(largestThen, bytes.count)
            }
            total += bytes.count
            if total == enough { done() }
        }

        func closed(_ connection: Connection) {}
    }

    private func stranger(_ port: Int, sends count: Int) {
        guard let descriptor = loopbackSocket(to: port) else {
            Issue.record("nobody listens")
            return
        }
        let bytes = [UInt8](repeating: 0, count: count)
        var sent = 0
        while sent < count {
            let more = bytes.withUnsafeBytes { buffer in
                send(descriptor, buffer.baseAddress.map { $0 + sent }, count - sent, 0)
            }
            guard more > 0 else { break }
            sent += more
        }
        #expect(sent == count)
        close(descriptor)
    }

    @Test func `a new connection is read in small pieces until its peer is known`() async throws {
        let lab = LabLoop()
        defer { lab.shutDown() }
        let total = 4 << 20
        let largest = try await withCheckedThrowingContinuation { read in
            do {
                let port = try lab.perform {
                    // The closure of a connection goes with it; its handler is held here.
                    var taker: Taker?
                    return try lab.listen { connection in
                        taker = Taker(freeFrom: total / 2, enough: total) {
                            read.resume(
                                returning: [taker?.largestAtFirst ?? 0, taker?.largestThen ?? 0])
                        }
                        connection.handler = taker
                    }.port
                }
                stranger(port, sends: total)
            } catch {
                read.resume(throwing: error)
            }
        }
        #expect(largest[0] == Listener.firstPieceByteCount)
        #expect(largest[1] > Listener.firstPieceByteCount)
    }
}
