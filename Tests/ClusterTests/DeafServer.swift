import Foundation
import Glibc
import Replication
import Synchronization
import WALFormat
import WireProtocol

/// A server that lets its client in, starts the stream, and then asks for reply upon reply and
/// reads none: it says as much as is taken from it, up to a limit that no buffer of the kernel's
/// reaches.
final class DeafServer: Sendable {
    static let limit = 128 << 20

    let port: Int
    private let said = Atomic(0)
    private let isOver = DispatchSemaphore(value: 0)

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                bind(listener, name, length) == 0 && listen(listener, 4) == 0
                    && getsockname(listener, name, &length) == 0
            }
        }
        guard isOpen else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            serve(listener)
            close(listener)
            isOver.signal()
        }
    }

    /// How much it could say.
    var saidByteCount: Int { said.load(ordering: .acquiring) }

    /// Whether its client has left it, which it waits for.
    var hasEnded: Bool { isOver.wait(timeout: .now() + 60) == .success }

    private func serve(_ listener: Int32) {
        signal(SIGPIPE, SIG_IGN)
        let log = ServedLog(byteCount: 1 << 16)
        // The first is asked who it is, the second streams.
        let questions = accept(listener, nil, nil)
        answer(questions, log)
        close(questions)
        let stream = accept(listener, nil, nil)
        answer(stream, log)
        flood(stream)
        close(stream)
    }

    /// Answers what it is asked, until it is asked to stream or its client leaves.
    private func answer(_ client: Int32, _ log: ServedLog) {
        var decoder = FrontendDecoder()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(client, &buffer, buffer.count)
            guard count > 0 else { return }
            decoder.feed(Array(buffer.prefix(count)))
            while let message = try? decoder.next() {
                if decoder.phase == .authenticating { decoder.enter(.commands) }
                switch message {
                case .startup: say(ScriptedServer.greeting, to: client)
                case .query(let text) where text.hasPrefix("START_REPLICATION"):
                    say(BackendMessage.copyBothResponse().encoded(), to: client)
                    return
                case .query(let text):
                    say(text.hasPrefix("SHOW") ? log.size : log.identity, to: client)
                default: return
                }
            }
        }
    }

    private func flood(_ client: Int32) {
        let wish = ReplicationMessage.keepalive(
            Keepalive(
                walEnd: ServedLog.start, sentAt: .init(microseconds: 0), replyRequested: true))
        let wishes = Array(repeatElement(wish.framed(), count: 1000).joined())
        while saidByteCount < Self.limit, say(wishes, to: client) {
            said.add(wishes.count, ordering: .releasing)
        }
    }

    @discardableResult
    private func say(_ bytes: [UInt8], to client: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(client, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
