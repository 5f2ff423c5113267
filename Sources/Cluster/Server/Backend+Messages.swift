import Replication
import Storage
import WALFormat
import WireProtocol

// What each message does.
extension Backend {
    func take(_ message: FrontendMessage) {
        switch (message, mode) {
        case (.sslRequest, _), (.gssencRequest, _): send([.encryptionAnswer(.refused)])
        // Every statement is done at once: there is nothing to cancel.
        case (.cancelRequest, _), (.terminate, _): end()
        case (.startup(let startup), _): begin(startup)
        case (_, .sql(let conversation)): take(message, conversation)
        case (_, .sender): takeInSender(message)
        case (_, .greeting), (_, .ending), (_, .closed): break
        }
    }

    private func begin(_ startup: StartupMessage) {
        applicationName = startup.applicationName
        user = startup.user
        decoder.enter(.commands)
        do throws(ServerError) {
            try process.checkMayEnter(self)
            switch startup.mode {
            case .sql:
                let session = SQLSession(
                    process: process, user: user, databaseName: startup.database, processID: id)
                try session.take(startup)
                mode = .sql(SQLConversation(session, backend: self))
            case .physicalReplication, .logicalReplication:
                beginSending()
            }
        } catch {
            return end(saying: error)
        }
        let greeting = ServerGreeting(
            user: user, applicationName: applicationName, isInRecovery: process.isInRecovery,
            timeline: process.database.timeline, processID: Int32(truncatingIfNeeded: id))
        send((startup.negotiation.map { [$0] } ?? []) + greeting.messages)
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
