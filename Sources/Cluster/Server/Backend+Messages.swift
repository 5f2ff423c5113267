import Replication
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
        case (_, .sql(let conversation)): take(message, conversation)
        case (_, .sender): takeInSender(message)
        case (.password(let answer), .authenticating(let startup, let exchange, let hash)):
            take(answer, startup, exchange, hash)
        case (_, .greeting), (_, .authenticating), (_, .ending), (_, .closed): break
        }
    }

    private func take(_ message: FrontendMessage, _ conversation: SQLConversation) {
        switch message {
        case .query(let text): conversation.query(text)
        case .parse(let parse): conversation.parse(parse)
        case .bind(let bind): conversation.bind(bind)
        case .describe(let object): conversation.describe(object)
        case .execute(let portal, let maximumRows):
            conversation.execute(portal: portal, maximumRows: maximumRows)
        case .close(let object): conversation.close(object)
        case .sync: conversation.sync()
        case .flush: flushOutput()
        // What is left of a COPY that was refused. PostgreSQL drops it as well.
        case .copyData, .copyDone, .copyFail: break
        case .sslRequest, .gssencRequest, .cancelRequest, .startup, .password, .terminate: break
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
