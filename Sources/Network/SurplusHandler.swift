import Glibc
import NIOCore

/// Turns away who connects while the process has no descriptor left. Without it such a connection
/// waits in the backlog, the loop is told of it again and again, and an end of the lab's own would
/// wait for its other end for ever.
///
/// One descriptor is kept for that: it is given up for the moment in which the connection is taken
/// and reset.
final class SurplusHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let listening: CInt
    private var spare: CInt
    /// The peer's port.
    private let turnedAway: (Int) -> Void

    init(listening: CInt, turnedAway: @escaping (Int) -> Void) {
        self.listening = listening
        self.turnedAway = turnedAway
        spare = Self.openSpare()
    }

    deinit { _ = close(spare) }

    private static func openSpare() -> CInt { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, [EMFILE, ENFILE].contains(error.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        _ = close(spare)
        if let port = resetNext() { turnedAway(port) }
        spare = Self.openSpare()
    }

    /// Takes the next connection and resets it; nil: there is none, or another thread was quicker
    /// to use the descriptor. Then the loop calls again.
    private func resetNext() -> Int? {
        var address = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_in>.size)
        var size = socklen_t(address.count)
        let connection = address.withUnsafeMutableBytes { bytes in
            accept(listening, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size)
        }
        guard connection >= 0 else { return nil }
        var abort = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            connection, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
        _ = close(connection)
        return Int(address[2]) << 8 | Int(address[3])
    }
}
