public import WALFormat
public import WireProtocol

// What the server says.
extension BackupReceiver {
    /// A message arrived.
    public mutating func received(_ message: BackendMessage, now: PostgresTime) -> [Action] {
        switch phase {
        case .idle, .dialling, .storing, .over: return []
        case .greeting, .asking, .archive, .manifest, .ending: silence.received(at: now)
        }
        do throws(Failure) {
            return try take(message)
        } catch {
            return fail(error)
        }
    }

    private mutating func take(_ message: BackendMessage) throws(Failure) -> [Action] {
        switch message {
        case .parameterStatus, .noticeResponse: return []
        case .errorResponse(let error): throw .refused(error)
        case .authenticationOK, .backendKeyData, .negotiateProtocolVersion:
            guard phase == .greeting else { throw Self.outOfTurn(message) }
            return []
        case .copyData(let payload): return try copyData(payload)
        case .copyDone: return try copyDone()
        case .rowDescription, .dataRow, .commandComplete, .readyForQuery, .copyOutResponse:
            return try answered(message)
        case .encryptionAnswer, .authentication, .emptyQueryResponse, .parseComplete,
            .bindComplete, .closeComplete, .parameterDescription, .noData, .portalSuspended,
            .copyInResponse, .copyBothResponse:
            throw Self.outOfTurn(message)
        }
    }

    private mutating func answered(_ message: BackendMessage) throws(Failure) -> [Action] {
        switch (phase, message) {
        case (.greeting, .readyForQuery):
            phase = .asking(PartialAnswer())
            return [.send(.query(ReplicationCommand.baseBackup(options).description))]
        case (.asking(let answer), _):
            switch answer.received(message) {
            case .incomplete(let longer): phase = .asking(longer)
            case .streaming(let results): return try begin(results)
            case .finished: throw .protocolViolation("an answer without a backup")
            case .tooLong: throw .protocolViolation("an answer without end")
            }
            return []
        case (.ending(let archive, let manifest, let answer), _):
            switch answer.received(message) {
            case .incomplete(let longer): phase = .ending(archive, manifest, longer)
            case .finished(let results): return try end(archive, manifest, results)
            case .streaming, .tooLong: throw .protocolViolation("a last word without end")
            }
            return []
        default: throw Self.outOfTurn(message)
        }
    }

    /// The two results before the archive: where redo begins, and how much will come.
    private mutating func begin(_ results: [ResultSet]) throws(Failure) -> [Action] {
        guard results.count == 2 else {
            throw .protocolViolation("\(results.count) results before the archive")
        }
        do throws(ReplyError) {
            let start = try BackupPositionReply(results[0])
            let kilobytes = try BackupTablespacesReply(results[1]).kilobytes
            expectedByteCount = kilobytes.flatMap { Self.byteCount(kilobytes: $0) }
            phase = .archive(ReceivedArchive(start: start))
        } catch {
            throw .protocolViolation("an answer that does not fit: \(error)")
        }
        directoryIsTouched = true
        return [.emptyDirectory]
    }

    private static func byteCount(kilobytes: Int64) -> Int? {
        let (bytes, overflow) = kilobytes.multipliedReportingOverflow(by: 1024)
        return overflow || bytes < 0 ? nil : Int(bytes)
    }

    private mutating func copyData(_ payload: [UInt8]) throws(Failure) -> [Action] {
        let message: BackupMessage
        do throws(FrameError) {
            message = try BackupMessage(decoding: payload)
        } catch {
            throw .protocolViolation("a message of the copy that does not fit: \(error)")
        }
        switch (phase, message) {
        case (.archive, .progress), (.manifest, .progress):
            return []
        case (.archive(var archive), .archive(_, let tablespace)):
            guard !archive.isNamed, tablespace.isEmpty else {
                throw .badArchive("a second archive; there are no tablespaces")
            }
            archive.isNamed = true
            phase = .archive(archive)
            return []
        case (.archive(var archive), .data(let bytes)) where archive.isNamed:
            // Held by nobody else while it changes.
            phase = .over
            let actions = try archive.take(bytes)
            phase = .archive(archive)
            receivedByteCount += bytes.count
            return actions
        case (.archive(let archive), .manifest) where archive.hasEnded:
            phase = .manifest(archive, [])
            return []
        case (.manifest(let archive, let text), .data(let bytes)):
            guard text.count + bytes.count <= ReceivedManifest.maximumByteCount else {
                throw .badManifest("it has no end")
            }
            phase = .manifest(archive, text + bytes)
            return []
        default:
            throw .protocolViolation("a message of the copy out of turn")
        }
    }

    private mutating func copyDone() throws(Failure) -> [Action] {
        switch phase {
        case .manifest(let archive, let text):
            phase = .ending(archive, text, PartialAnswer())
            return []
        case .archive: throw .badArchive("it ends in the middle, or has no manifest")
        default: throw Self.outOfTurn(.copyDone)
        }
    }

    /// Where the backup ends. The server says ReadyForQuery before anything is believed.
    private mutating func end(
        _ archive: ReceivedArchive, _ text: [UInt8], _ results: [ResultSet]
    ) throws(Failure) -> [Action] {
        let end: BackupPositionReply
        do throws(ReplyError) {
            guard let first = results.first else { throw .rowCount(0) }
            end = try BackupPositionReply(first)
        } catch {
            throw .protocolViolation("a last word that does not fit: \(error)")
        }
        let manifest = try ReceivedManifest(text, algorithm: "CRC32C")
        try manifest.verify(archive.files)
        try manifest.verify(from: archive.start.position, upTo: end.position)
        phase = .storing(archive.summary(until: end))
        return [.disconnect, .finish(manifest: text)]
    }

    private static func outOfTurn(_ message: BackendMessage) -> Failure {
        let name = message.type.map { "'\(Character(Unicode.Scalar($0)))'" } ?? "of one byte"
        return .protocolViolation("a message \(name) out of turn")
    }
}
