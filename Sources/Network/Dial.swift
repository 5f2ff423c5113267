import NIOCore
import NIOPosix

extension LabLoop {
    /// Connects to a port on 127.0.0.1 where a listener of this lab is expected, and answers on the
    /// loop, with nil when refused. Loop only.
    public func dial(port: Int, answered: @escaping (Connection?) -> Void) {
        ledger.begin()
        ledger.dialBegins(to: port)
        let answer = LoopConfined(value: answered)
        loopback(port).flatMap { address in
            ClientBootstrap(group: self.loop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.autoRead, value: false)
                .connect(to: address)
        }
        .whenComplete { [self] result in
            let connection = insider(result, port: port)
            ledger.dialEnds(to: port)
            answer.value(connection)
            ledger.end()
        }
    }

    private func loopback(_ port: Int) -> EventLoopFuture<SocketAddress> {
        loop.makeCompletedFuture { try SocketAddress(ipAddress: "127.0.0.1", port: port) }
    }

    /// A port that nobody listens on can, by chance, be answered by the dialing socket itself
    /// (both in the ephemeral range); that is a refusal too.
    private func insider(_ result: Result<any Channel, any Error>, port: Int) -> Connection? {
        guard case .success(let channel) = result else { return nil }
        guard let here = channel.localAddress?.port, here != port else {
            channel.close(mode: .all, promise: nil)
            return nil
        }
        let account = ledger.attach(
            .dialer, of: PortPair(listener: port, dialer: here), expectsAccept: true)
        return connection(channel, account, port: port)
    }

    /// The dialing end of a channel that is connected; nil if it is gone already.
    func connection(
        _ channel: any Channel, _ account: SocketAccount, port: Int
    ) -> Connection? {
        let connection = Connection(
            channel: channel, side: .dialer, account: account, ledger: ledger, peerPort: port)
        do {
            try channel.pipeline.syncOperations.addHandler(ConnectionPump(connection))
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            connection.reset()
            return nil
        }
        return connection
    }
}
