internal import Glibc

/// Ports for programs that cannot be given port 0.
package enum LoopbackPort {
    /// A port of 127.0.0.1 that nobody has at the moment.
    package static func free() throws(ProgramFailure) -> Int {
        let socket = try checked(
            "socket", Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0))
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let answer = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, size) == 0 ? getsockname(socket, generic, &size) : -1
            }
        }
        try checked("bind", answer)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
