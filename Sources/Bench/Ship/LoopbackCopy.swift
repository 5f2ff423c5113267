internal import Glibc
internal import Storage
internal import Synchronization

/// The floor: the same files, read and sent over loopback by one thread, received and thrown away
/// by another. No protocol, no answers.
struct LoopbackCopy {
    private static let sendByteCount = 1 << 17

    /// The files, in order.
    let paths: [String]
    let byteCount: Int

    func run() throws(BenchFailure) -> Pace {
        let listener = try LoopbackListener()
        let receiver = try LoopbackSocket(port: listener.port)
        let sender = try listener.accept()
        let failure = Mutex<BenchFailure?>(nil)
        let watch = Stopwatch()
        let thread = try workThread()
        thread.submit { [paths] _ in
            do throws(BenchFailure) {
                for path in paths { try Self.send(path, over: sender) }
            } catch {
                failure.withLock { $0 = error }
                shutdown(sender.descriptor, Int32(SHUT_RDWR))
            }
        }
        let received = try drain(receiver)
        let elapsed = watch.elapsed
        thread.shutdown()
        if let failure = failure.withLock({ $0 }) { throw failure }
        return Pace(count: received, elapsed: elapsed)
    }

    private func drain(_ socket: LoopbackSocket) throws(BenchFailure) -> Int {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var received = 0
        while received < byteCount {
            let count = try socket.receive(into: &buffer)
            guard count > 0 else { break }
            received += count
        }
        return received
    }

    private static func send(_ path: String, over socket: LoopbackSocket) throws(BenchFailure) {
        let file = try checked("open \(path)", open(path, O_RDONLY | O_CLOEXEC))
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: sendByteCount)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count >= 0 else { throw .failed("read \(path)") }
            if count == 0 { return }
            try socket.send(buffer, count: count)
        }
    }
}
