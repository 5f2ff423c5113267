import Cluster
import Glibc
import TestSupport
import Testing
import WireProtocol

/// An outside program on a node's port: plain blocking calls, and no more than 30 s of patience.
final class ServerTestClient {
    /// What a server's answer was, without what differs from run to run.
    enum Said: Hashable, CustomStringConvertible {
        case row([String?])
        case tag(String)
        case error(String)
        case notice(String)
        case ready(String)
        case other(String)

        var description: String {
            switch self {
            case .row(let values): "\(values.map { $0 ?? "NULL" })"
            case .tag(let text): text
            case .error(let code): "E" + code
            case .notice(let code): "N" + code
            case .ready(let state): state
            case .other(let name): name
            }
        }
    }

    let descriptor: Int32
    private var decoder = BackendDecoder()
    private(set) var isHungUpOn = false
    private var hasLeft = false
    private var pending: BackendMessage?

    /// A connection, with the startup packet sent and the greeting read unless it shall stay mute.
    init(_ lab: Lab, _ node: String = "p", startsUp: Bool = true) throws {
        let address = try #require(lab.addresses().first { $0.node == node })
        descriptor = Self.connected(to: try #require(address.port))
        guard startsUp else { return }
        send(.startup(StartupMessage(user: "me", database: "x", applicationName: "test")))
        _ = readUntilReady()
    }

    /// A connection to a port that is no node's own.
    init(port: Int) {
        descriptor = Self.connected(to: port)
    }

    deinit { hangUp() }

    // MARK: Talking

    func send(_ messages: FrontendMessage...) {
        send(messages.flatMap { $0.encoded() })
    }

    func send(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends as many of the bytes as the kernel takes at once, if the connection still stands.
    func sendWhatFits(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    /// The answer to a query.
    func query(_ text: String) -> [Said] {
        send(.query(text))
        return readUntilReady()
    }

    // MARK: Listening

    /// The messages up to ReadyForQuery, or to the end of the connection.
    func messagesUntilReady() -> [BackendMessage] {
        var messages: [BackendMessage] = []
        while let message = next() {
            messages.append(message)
            if case .readyForQuery = message { break }
        }
        return messages
    }

    func readUntilReady() -> [Said] { messagesUntilReady().compactMap(\.said) }

    /// The next message; nil at the end of the connection.
    func next() -> BackendMessage? {
        if let message = pending.take() { return message }
        while true {
            do {
                if let message = try decoder.next() { return message }
            } catch {
                Issue.record("the server sent \(error)")
                return nil
            }
            guard let bytes = read() else { return nil }
            decoder.feed(bytes)
        }
    }

    /// Has a message read again.
    func putBack(_ message: BackendMessage?) {
        pending = message
    }

    /// Everything up to the end of the connection.
    func bytesUntilEnd() -> [UInt8] {
        var all: [UInt8] = []
        while let bytes = read() { all += bytes }
        return all
    }

    /// Some bytes; nil at the end of the connection.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        let reason = errno
        guard count > 0 else {
            // A reset is an end as well: the server had closed with our bytes unread.
            #expect(count == 0 || reason == ECONNRESET, "errno \(reason); after 30 s it is EAGAIN")
            isHungUpOn = true
            return nil
        }
        return Array(buffer.prefix(count))
    }

    // MARK: Leaving

    /// Says that nothing more comes, and goes on listening.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func hangUp() {
        // Once: the number may be another socket's by now.
        guard !hasLeft else { return }
        hasLeft = true
        close(descriptor)
    }

    /// Leaves without a word: the server sees a reset.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        hangUp()
    }

    /// A bare socket that gives up after 30 s of silence; whoever asked closes it.
    static func connected(to port: Int) -> Int32 {
        let descriptor = loopbackSocket(to: port)
        #expect(descriptor != nil)
        return descriptor ?? -1
    }
}

extension BackendMessage {
    /// What matters of it to a test; nil for the lab's own settings.
    fileprivate var said: ServerTestClient.Said? {
        switch self {
        case .dataRow(let values):
            .row(values.map { $0.map { String(decoding: $0, as: UTF8.self) } })
        case .commandComplete(let tag): .tag(tag)
        case .errorResponse(let error):
            error.severity == .error ? .error(error.code.code) : .error("!" + error.code.code)
        case .noticeResponse(let notice): .notice(notice.code.code)
        case .readyForQuery(let state): .ready("\(Character(Unicode.Scalar(state.rawValue)))")
        case .rowDescription: nil
        case .parameterStatus(let name, let value):
            name.hasPrefix("shiplog.") ? nil : .other("\(name)=\(value)")
        case .parameterDescription(let types): .other("types \(types)")
        case .emptyQueryResponse: .other("empty")
        case .parseComplete: .other("1")
        case .bindComplete: .other("2")
        case .closeComplete: .other("3")
        case .noData: .other("n")
        case .portalSuspended: .other("s")
        case .encryptionAnswer, .authenticationOK, .authentication, .negotiateProtocolVersion,
            .backendKeyData, .copyInResponse, .copyOutResponse, .copyBothResponse, .copyData,
            .copyDone:
            .other("\(self)")
        }
    }
}
