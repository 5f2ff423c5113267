internal import Glibc

/// What the system holds of a loopback connection's bytes: those that one end has handed over and
/// the other has not taken. Read from Linux's table of TCP sockets, where both ends are.
///
/// Its lines: `number: address:port address:port state sent:received ...`, in hexadecimal; the
/// first address is the socket's own.
struct KernelQueue {
    private static let path = "/proc/net/tcp"

    /// The ports of the two ends.
    let ports: Set<UInt16>

    func byteCount() throws(BenchFailure) -> Int {
        guard let count = Self.byteCount(between: ports, in: try Self.table()) else {
            throw .lab("\(Self.path) does not show the connection")
        }
        return count
    }

    /// Bytes that wait to be sent or to be received at either end; nil when neither is there.
    static func byteCount(between ports: Set<UInt16>, in table: String) -> Int? {
        let queues = table.split(separator: "\n").compactMap { line -> Int? in
            let fields = line.split(separator: " ")
            guard fields.count > 4, Set([port(fields[1]), port(fields[2])]) == ports
            else { return nil }
            return fields[4].split(separator: ":")
                .reduce(0) { $0 + (Int($1, radix: 16) ?? 0) }
        }
        return queues.isEmpty ? nil : queues.reduce(0, +)
    }

    private static func port(_ address: Substring) -> UInt16? {
        address.split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
    }

    /// The file's size is not known before it is read.
    private static func table() throws(BenchFailure) -> String {
        let file = try checked("open \(path)", open(path, O_RDONLY | O_CLOEXEC))
        defer { close(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count >= 0 else { throw .failed("read \(path)") }
            if count == 0 { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
        }
    }
}
