internal import Glibc

/// A blocking TCP connection on loopback. A wait that lasts longer than ``patience`` is a failure:
/// no bench hangs.
final class LoopbackSocket: Sendable {
    /// How long one send or receive may block.
    static let patienceSeconds = 30

    let descriptor: Int32

    /// Connects to a port of 127.0.0.1.
    init(port: Int) throws(BenchFailure) {
        descriptor = try Self.made()
        var address = Self.loopback(port: port)
        let answer = withUnsafePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try checked("connect to port \(port)", answer)
        try setOptions()
    }

    /// Takes over a connection.
    init(accepted descriptor: Int32) throws(BenchFailure) {
        self.descriptor = descriptor
        try setOptions()
    }

    deinit { close(descriptor) }

    /// Sends all of the bytes.
    func send(_ bytes: UnsafeRawBufferPointer) throws(BenchFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.send(
                descriptor, piece.baseAddress, piece.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .failed("send") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends the first `count` bytes, by default all.
    func send(_ bytes: [UInt8], count: Int? = nil) throws(BenchFailure) {
        let failure = bytes.withUnsafeBytes { buffer -> BenchFailure? in
            do throws(BenchFailure) {
                try send(UnsafeRawBufferPointer(rebasing: buffer[..<(count ?? buffer.count)]))
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Receives what is there, as far as it fits, waiting for the first byte; 0 at the end of the
    /// stream.
    func receive(into buffer: inout [UInt8]) throws(BenchFailure) -> Int {
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .failed("receive") }
            return count
        }
    }

    /// The port of this end.
    func ownPort() throws(BenchFailure) -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let answer = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        try checked("getsockname", answer)
        return UInt16(bigEndian: address.sin_port)
    }

    private func setOptions() throws(BenchFailure) {
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        try checked(
            "TCP_NODELAY",
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size))
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            try checked(
                "SO_RCVTIMEO", setsockopt(descriptor, SOL_SOCKET, option, &patience, length))
        }
    }

    fileprivate static func made() throws(BenchFailure) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return try checked("socket", socket(AF_INET, type, 0))
    }

    fileprivate static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// A listening socket on a port of 127.0.0.1 that the system chose.
final class LoopbackListener {
    let port: Int
    private let descriptor: Int32

    init() throws(BenchFailure) {
        descriptor = try LoopbackSocket.made()
        var address = LoopbackSocket.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        port = Int(in_port_t(bigEndian: address.sin_port))
        guard isListening else { throw .failed("listen") }
    }

    deinit { close(descriptor) }

    /// The next connection.
    func accept() throws(BenchFailure) -> LoopbackSocket {
        try LoopbackSocket(accepted: try checked("accept", Glibc.accept(descriptor, nil, nil)))
    }
}
