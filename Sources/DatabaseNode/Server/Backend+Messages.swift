import Network
import Replication
import SQLServer
import Storage
import WALFormat
import WireProtocol

// What each message does.
extension Backend {
    func take(_ message: FrontendMessage) {
        if isLetIn, !connection.isInternal { count(message) }
        switch (message, mode) {
        case (.sslRequest, _): answerTLSRequest()
        case (.gssencRequest, _): send([.encryptionAnswer(.refused)])
        case (.startup(let startup), _): begin(startup)
        case (_, .sql(let conversation)): perform(conversation.received(message))
        case (.cancelRequest(let processID, _), _):
            // Who knows a session's number may cancel it: nodes listen to this machine alone.
            process.backends[Int(processID)]?.cancel()
            end()
        case (.terminate, _): end()
        case (_, .sender): takeInSender(message)
        case (.password(let answer), .authenticating(let startup, let exchange, let hash)):
            take(answer, startup, exchange, hash)
        case (_, .greeting), (_, .authenticating), (_, .ending), (_, .closed): break
        }
    }

    private func count(_ message: FrontendMessage) {
        switch message {
        case .query, .execute: process.outside.statements += 1
        case .parse, .bind, .describe, .close, .sync, .flush, .copyData, .copyDone, .copyFail,
            .sslRequest, .gssencRequest, .cancelRequest, .startup, .password, .terminate:
            break
        }
    }

    /// Carries out what the SQL conversation asks for.
    func perform(_ actions: [SQLAction]) {
        for action in actions {
            switch action {
            case .send(let message):
                if case .commandComplete(let tag) = message, !connection.isInternal {
                    process.outside.completed(tag)
                }
                queue([message])
            case .sendEncoded(let bytes): queue(bytes: bytes)
            case .flush: flushOutput()
            case .skipToSync: decoder.skipToSync()
            case .awaitFlush(let lsn):
                guard process.log.commitInserted(by: id, endingAt: lsn) else { continue }
                logIsFlushed()
            case .tellOfCommit(let lsn, let changes):
                process.tellOfCommit(
                    OutsideCommit(
                        client: applicationName,
                        position: LogPosition(process.database.timeline, lsn), made: changes))
            case .readFile(let piece): read(piece)
            case .wake(let time): wake(at: time)
            case .end(let error?): end(saying: error)
            case .end(nil): end()
            }
        }
    }

    private func read(_ piece: FilePiece) {
        process.readPiece(of: piece.path, from: piece.offset, byteCount: piece.byteCount) {
            [weak self] result in
            guard let self, connection.isOpen, case .sql(let conversation) = mode else { return }
            perform(conversation.fileRead(piece, result))
            proceed()
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
