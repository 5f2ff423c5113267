import Glibc
import NIOCore
import NIOPosix

/// Why a server outside the lab was not reached.
public enum OutsideDialFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// No address belongs to the host's name.
    case unknownHost
    /// The machine is there, and nobody listens on the port.
    case refused
    /// No answer came for so long.
    case timedOut(after: Duration)
    /// What the system said.
    case failed(String)

    /// One line.
    public var description: String {
        switch self {
        case .unknownHost: "there is no host of that name"
        case .refused: "nobody listens there"
        case .timedOut(let bound): "no answer came within \(bound)"
        case .failed(let reason): reason
        }
    }
}

extension LabLoop {
    /// Connects to a server that is not the lab's to still, on any machine, and answers on the loop
    /// after `bound` of real time at the latest. Loop only.
    ///
    /// Neither the waiting nor the connection counts as moving, not even when the server is one of
    /// the lab's own nodes: to them it is an outside program like any other.
    public func dial(
        outside host: String, port: Int, within bound: Duration,
        answered: @escaping (Result<Connection, OutsideDialFailure>) -> Void
    ) {
        let answer = LoopConfined(value: answered)
        let (seconds, attoseconds) = bound.components
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .connectTimeout(.seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000))
        let numeric = try? SocketAddress(ipAddress: host, port: port)
        let connected =
            numeric.map { bootstrap.connect(to: $0) } ?? bootstrap.connect(host: host, port: port)
        connected.whenComplete { [self] result in
            ledger.during { answer.value(outsider(result, port: port, bound: bound)) }
        }
    }

    private func outsider(
        _ result: Result<any Channel, any Error>, port: Int, bound: Duration
    ) -> Result<Connection, OutsideDialFailure> {
        switch result {
        case .failure(let error): return .failure(OutsideDialFailure(error, bound: bound))
        case .success(let channel):
            // A port that nobody listens on can be answered by the dialing socket itself.
            guard let here = channel.localAddress, here != channel.remoteAddress else {
                channel.close(mode: .all, promise: nil)
                return .failure(.refused)
            }
            let account = ledger.attachOutsider(
                of: PortPair(listener: port, dialer: here.port ?? 0))
            guard let connection = connection(channel, account, port: port) else {
                return .failure(.refused)
            }
            return .success(connection)
        }
    }
}

extension OutsideDialFailure {
    fileprivate init(_ error: any Error, bound: Duration) {
        switch error {
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first else {
                self = .unknownHost
                return
            }
            self.init(first.error, bound: bound)
        case let error as IOError where error.errnoCode == ECONNREFUSED: self = .refused
        case let error as IOError: self = .failed(String(cString: strerror(error.errnoCode)))
        case ChannelError.connectTimeout: self = .timedOut(after: bound)
        default: self = .failed("the connection failed")
        }
    }
}
