import Testing
import WALFormat
import WireProtocol

@testable import SQLServer

/// One client's conversation with a node in memory.
struct Dialogue {
    let conversation: SQLConversation
    private let host: MemoryHost

    init(_ host: MemoryHost, as user: String = "me", processID: Int = 1) throws {
        self.host = host
        conversation = try SQLConversation(
            host: host, startup: StartupMessage(user: user), processID: processID)
    }

    /// What the conversation asks for, from a message on until it is idle or waits.
    func hears(_ message: FrontendMessage) -> [SQLAction] {
        goOn(conversation.received(message))
    }

    func asks(_ query: String) -> [SQLAction] { hears(.query(query)) }

    /// It hears how far the log is durable.
    func goesOn() -> [SQLAction] { goOn(conversation.logIsFlushed(upTo: host.flushLSN)) }

    private func goOn(_ first: [SQLAction]) -> [SQLAction] {
        var actions = first
        while case (.worked, let more) = conversation.step() { actions += more }
        // An empty piece of rows is nothing to see.
        return actions.filter { $0 != .sendEncoded([]) }
    }

    /// The rows of an answer, as texts.
    func rows(_ query: String) -> [[String?]] {
        asks(query).flatMap { action -> [[String?]] in
            guard case .sendEncoded(let bytes) = action else { return [] }
            var decoder = BackendDecoder()
            decoder.feed(bytes)
            var rows: [[String?]] = []
            while case .dataRow(let values)? = try? decoder.next() {
                rows.append(values.map { $0.map { String(decoding: $0, as: UTF8.self) } })
            }
            return rows
        }
    }

    func show(_ setting: String) -> String? { rows("SHOW \(setting)").first?.first ?? nil }
}

extension [SQLAction] {
    /// The end of an answer that changed nothing to wait for.
    static func done(_ tag: String, _ state: TransactionState = .idle) -> [SQLAction] {
        [.send(.commandComplete(tag)), .send(.readyForQuery(state)), .flush]
    }

    /// The end of an answer to a commit.
    static func committed(at position: UInt64, _ tag: String) -> [SQLAction] {
        let lsn = BackendMessage.parameterStatus(
            name: ReportedParameter.commit, value: "1 \(LSN(position))")
        return [.send(lsn)] + done(tag)
    }

    /// The code of the error in it.
    var errorCode: String? {
        for case .send(.errorResponse(let error)) in self { return error.code.code }
        return nil
    }
}
