import Glibc
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
        let taken = TakenPort()
        #expect(await dial(lab, "127.0.0.1", taken.port) == .failure(.refused))
        taken.release()
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

/// A port that nobody listens on, nor can while the test runs: a socket is bound to it.
private struct TakenPort {
    let port: Int
    private let socket: CInt

    init() {
        socket = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                #expect(bind(descriptor, generic, size) == 0)
                #expect(getsockname(descriptor, generic, &size) == 0)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func release() { close(socket) }
}
