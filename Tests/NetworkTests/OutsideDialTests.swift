import LabClock
import Testing

@testable import Network

/// Connections to servers that have no share in the lab's stillness.
struct OutsideDialTests {
    private typealias Outcome = Result<Int, OutsideDialFailure>

    /// Dials, and gives the port that was reached.
    private func dial(_ lab: LabLoop, _ host: String, _ port: Int) async -> Outcome {
        await withCheckedContinuation { answered in
            try? lab.perform {
                lab.dial(outside: host, port: port, within: .seconds(20)) { result in
                    answered.resume(returning: result.map(\.peerPort))
                }
            }
        }
    }

    @Test func `a server, a closed port and a name without an address are told apart`() async throws
    {
        let lab = LabLoop()
        defer { lab.shutDown() }
        let server = LabLoop()
        defer { server.shutDown() }
        let port = try server.perform { try server.listen { _ in }.port }
        #expect(await dial(lab, "127.0.0.1", port) == .success(port))
        #expect(await dial(lab, "localhost", port) == .success(port))
        let closed = try server.perform {
            let listener = try server.listen { _ in }
            listener.close()
            return listener.port
        }
        #expect(await dial(lab, "127.0.0.1", closed) == .failure(.refused))
        #expect(await dial(lab, "name.invalid", port) == .failure(.unknownHost))
    }

    @Test func `not even the lab's own listener has a share in stillness then`() async throws {
        let lab = LabLoop()
        defer { lab.shutDown() }
        let port = try lab.perform {
            try lab.listen { connection in
                #expect(!connection.isInternal)
                connection.send([1, 2, 3])
            }.port
        }
        #expect(await dial(lab, "127.0.0.1", port) == .success(port))
        #expect(lab.run { .still } == .reached)
    }

    @Test func `a run for outside programs leaves the clock where it is`() throws {
        let lab = LabLoop()
        defer { lab.shutDown() }
        let end = lab.run {
            var hasFired = false
            let timer = lab.afterRealTime(.milliseconds(1)) { hasFired = true }
            lab.stepper.schedule(at: .start.advanced(by: .seconds(1)), owner: "later") {
                hasFired = true
            }
            return .outside {
                _ = timer
                return hasFired
            }
        }
        #expect(end == .reached)
        #expect(try lab.perform { lab.stepper.now } == .start)
    }

    @Test func `such a run can be interrupted`() throws {
        let lab = LabLoop()
        defer { lab.shutDown() }
        let end = lab.run {
            _ = lab.afterRealTime(.milliseconds(1)) { lab.interrupt() }
            return .outside { false }
        }
        #expect(end == .interrupted)
    }
}
