import Glibc
import LabClock
import Testing

@testable import Network

/// What the kernel is asked for: options that anybody may set.
struct SocketOptionTests {
    /// SO_DEBUG has TCP_NODELAY's number on another level, and is for the superuser alone: a lab
    /// that asks for it runs as root and for nobody else.
    @Test func `no socket asks for what only the superuser may have`() async throws {
        let lab = LabLoop()
        defer { lab.shutDown() }
        await withCheckedContinuation { connected in
            try? lab.perform {
                let port = try lab.listen { _ in }.port
                lab.dial(port: port) { connection in
                    #expect(connection != nil)
                    connected.resume()
                }
            }
        }
        _ = lab.run { .still }
        var sockets = 0
        for descriptor in CInt(3)..<4_096 {
            var value: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_DEBUG, &value, &size) == 0 else {
                continue
            }
            sockets += 1
            #expect(value == 0)
        }
        #expect(sockets >= 3)
    }
}
