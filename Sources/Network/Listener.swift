import Glibc
import NIOCore
import NIOPosix

/// A listening socket on 127.0.0.1.
public final class Listener {
    /// The most that is read at a time of a connection that is new. PostgreSQL:
    /// `PQ_RECV_BUFFER_SIZE`.
    static let firstPieceByteCount = 8_192

    /// Whom it hands over.
    public enum Peers: Hashable, Sendable {
        case anybody
        /// The lab's own ends; who else connects is reset.
        case insiders
    }

    /// The port it listens on.
    public let port: Int
    private let channel: EventLoopFuture<any Channel>
    private let ledger: SettleLedger

    init(port: Int, channel: EventLoopFuture<any Channel>, ledger: SettleLedger) {
        self.port = port
        self.channel = channel
        self.ledger = ledger
    }

    /// Stops listening; connections that were accepted live on.
    public func close() {
        channel.whenSuccess { $0.close(mode: .all, promise: nil) }
        ledger.listenerClosed(port: port)
    }
}

/// A port could not be listened on.
public struct ListenFailure: Error, CustomStringConvertible {
    /// The port that was asked for; 0 for any.
    public let port: Int
    /// What the system said.
    public let reason: String

    /// One line that names the port and the reason.
    public var description: String { "cannot listen on 127.0.0.1:\(port): \(reason)" }
}

extension LabLoop {
    /// Listens on 127.0.0.1 and hands connections over, on the loop. Loop only.
    public func listen(
        port: Int = 0, to peers: Listener.Peers = .anybody,
        accepted: @escaping (Connection) -> Void
    ) throws(ListenFailure) -> Listener {
        let (descriptor, bound) = try listeningSocket(port: port)
        let accept = LoopConfined(value: accepted)
        let channel = ServerBootstrap(group: loop)
            .serverChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        surplusHandler(descriptor, port: bound))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: Listener.firstPieceByteCount)
            )
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try admit(channel, peers, accept.value) }
            }
            .withBoundSocket(descriptor)
        return Listener(port: bound, channel: channel, ledger: ledger)
    }

    private func surplusHandler(_ descriptor: CInt, port: Int) -> SurplusHandler {
        SurplusHandler(listening: descriptor) { [ledger] peer in
            ledger.turnedAway(PortPair(listener: port, dialer: peer))
        }
    }

    private func admit(
        _ channel: any Channel, _ peers: Listener.Peers,
        _ accepted: @escaping (Connection) -> Void
    ) throws {
        guard let here = channel.localAddress?.port, let there = channel.remoteAddress?.port else {
            throw ChannelError.ioOnClosedChannel
        }
        ledger.begin()
        defer { ledger.end() }
        let account = ledger.attach(
            .acceptor, of: PortPair(listener: here, dialer: there), expectsAccept: false)
        let connection = Connection(
            channel: channel, side: .acceptor, account: account, ledger: ledger, peerPort: there)
        try channel.pipeline.syncOperations.addHandler(ConnectionPump(connection))
        switch peers {
        case .anybody: accepted(connection)
        case .insiders:
            ledger.whenKnown(account) { isInsider in
                guard isInsider, connection.isOpen else { return connection.reset() }
                accepted(connection)
            }
        }
    }
}

/// Binds and listens with the kernel's own calls, which return at once: the port is known, and
/// connects are taken into the backlog, before the loop has looked at the socket.
private func listeningSocket(port: Int) throws(ListenFailure) -> (descriptor: CInt, port: Int) {
    func failed(_ descriptor: CInt?) -> ListenFailure {
        let reason = String(cString: strerror(errno))
        if let descriptor { _ = close(descriptor) }
        return ListenFailure(port: port, reason: reason)
    }
    guard let wanted = in_port_t(exactly: port) else {
        throw ListenFailure(port: port, reason: "a port is a number from 0 to 65535")
    }
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failed(nil) }
    var yes: CInt = 1
    _ = setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
    var address = loopbackAddress(wanted)
    var size = socklen_t(address.count)
    let bound = address.withUnsafeMutableBytes { bytes in
        let generic = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
        return bind(descriptor, generic, size) == 0 && listen(descriptor, 1024) == 0
            && getsockname(descriptor, generic, &size) == 0
    }
    guard bound else { throw failed(descriptor) }
    return (descriptor, Int(address[2]) << 8 | Int(address[3]))
}

/// A `sockaddr_in` for 127.0.0.1, byte by byte: the C type is declared by more than one module, and
/// a whole-module build takes the wrong one for ours.
private func loopbackAddress(_ port: in_port_t) -> [UInt8] {
    let family = sa_family_t(AF_INET)
    let head = withUnsafeBytes(of: family) { Array($0) }
    return head + [UInt8(port >> 8), UInt8(port & 0xFF), 127, 0, 0, 1]
        + [UInt8](repeating: 0, count: 8)
}
