import Replication
import SQLServer
import Storage
import WALFormat
import WireProtocol

// What each message does.
extension Backend {
    func take(_ message: FrontendMessage) {
        switch (message, mode) {
        case (.sslRequest, _): answerTLSRequest()
        case (.gssencRequest, _): send([.encryptionAnswer(.refused)])
        // Every statement is done at once: there is nothing to cancel.
        case (.cancelRequest, _), (.terminate, _): end()
        case (.startup(let startup), _): begin(startup)
        case (_, .sql(let conversation)): perform(conversation.received(message))
        case (_, .sender): takeInSender(message)
        case (.password(let answer), .authenticating(let startup, let exchange, let hash)):
            take(answer, startup, exchange, hash)
        case (_, .greeting), (_, .authenticating), (_, .ending), (_, .closed): break
        }
    }

    /// Carries out what the SQL conversation asks for.
    func perform(_ actions: [SQLAction]) {
        for action in actions {
            switch action {
            case .send(let message): queue([message])
            case .sendEncoded(let bytes): queue(bytes: bytes)
            case .flush: flushOutput()
            case .skipToSync: decoder.skipToSync()
            case .awaitFlush(let lsn):
                guard process.log.commitInserted(by: id, endingAt: lsn) else { continue }
                logIsFlushed()
            case .end(let error): end(saying: error)
            }
        }
    }

    private func takeInSender(_ message: FrontendMessage) {
        switch message {
        case .query(let text): replicationCommand(text)
        case .copyData(let payload): copyData(payload)
        case .copyDone: act { $0.copyDoneReceived() }
        case .sync: send([.readyForQuery(.idle)])
        case .parse, .bind, .describe, .execute, .close:
            decoder.skipToSync()
            send([
                .errorResponse(
                    ServerError(
                        code: .protocolViolation,
                        message: "extended query protocol not supported in a replication connection"
                    ))
            ])
        case .flush, .copyFail, .sslRequest, .gssencRequest, .cancelRequest, .startup, .password,
            .terminate:
            break
        }
    }
}
