public import WALFormat
public import WireProtocol

// What the upstream says.
extension WALReceiver {
    /// A message arrived. What does not belong into the present phase ends the connection; what
    /// arrives when there should be no connection is the old one's and counts for nothing.
    public mutating func received(_ message: BackendMessage, now: PostgresTime) -> [Action] {
        self.now = now
        switch phase {
        case .idle, .dialling, .waiting, .flushing:
            return []
        case .greeting, .asking, .storingHistory, .starting, .streaming, .endingTimeline, .syncing,
            .switching:
            silence.received(at: now)
        }
        switch message {
        case .parameterStatus, .noticeResponse:
            return []
        case .authenticationOK, .backendKeyData, .negotiateProtocolVersion:
            return phase == .greeting ? [] : outOfTurn(message)
        case .errorResponse(let error):
            return refused(error)
        case .rowDescription, .dataRow, .commandComplete, .readyForQuery, .copyBothResponse:
            return answered(message)
        case .copyData(let payload):
            guard case .streaming = phase else { return outOfTurn(message) }
            return copyData(payload, now: now)
        case .copyDone:
            guard case .streaming = phase else { return outOfTurn(message) }
            phase = .endingTimeline(PartialAnswer())
            return [.send(.copyDone)]
        case .encryptionAnswer, .authentication, .emptyQueryResponse, .parseComplete,
            .bindComplete, .closeComplete, .parameterDescription, .noData, .portalSuspended,
            .copyInResponse, .copyOutResponse:
            return outOfTurn(message)
        }
    }

    /// A part of an answer, or the end of the greeting.
    private mutating func answered(_ message: BackendMessage) -> [Action] {
        if let answer = phase.answer { return collect(message, into: answer) }
        if phase == .greeting, case .readyForQuery = message { return ask(.identifySystem) }
        // The upstream is stopping cleanly; its close is next.
        if phase == .streaming, case .commandComplete = message { return [] }
        return outOfTurn(message)
    }

    private mutating func collect(
        _ message: BackendMessage, into answer: PartialAnswer
    ) -> [Action] {
        switch answer.received(message) {
        case .incomplete(let longer):
            phase = phase.with(longer)
            return []
        case .finished(let results):
            return answerComplete(results)
        case .streaming:
            guard case .starting = phase else { return outOfTurn(message) }
            phase = .streaming
            refusal = nil
            lastReport = nil
            return [.report(.streaming(from: receivedLSN, timeline: timeline))]
        case .tooLong:
            return violation("an answer without end")
        }
    }

    private mutating func answerComplete(_ results: [ResultSet]) -> [Action] {
        do throws(ReplyError) {
            switch phase {
            case .asking(.identifySystem, _):
                return identified(try IdentifySystemReply(try Self.only(results)))
            case .asking(.history(let timeline), _):
                return historyArrived(
                    timeline, try TimelineHistoryReply(try Self.only(results)))
            case .starting, .endingTimeline:
                return timelineEnded(try EndOfStreamReply(results))
            case .idle, .dialling, .greeting, .storingHistory, .streaming, .syncing, .switching,
                .waiting, .flushing:
                return []
            }
        } catch {
            return violation("an answer that does not fit: \(error)")
        }
    }

    private static func only(_ results: [ResultSet]) throws(ReplyError) -> ResultSet {
        guard let result = results.first, results.count == 1 else {
            throw .rowCount(results.count)
        }
        return result
    }

    private mutating func copyData(_ payload: [UInt8], now: PostgresTime) -> [Action] {
        do throws(FrameError) {
            switch try ReplicationMessage(decoding: payload) {
            case .xLogData(let data):
                upstreamWord = UpstreamWord(end: data.walEnd, sentAt: data.sentAt)
                return walReceived(data)
            case .keepalive(let keepalive):
                upstreamWord = UpstreamWord(end: keepalive.walEnd, sentAt: keepalive.sentAt)
                return keepalive.replyRequested ? [report(now: now)] : []
            case .statusUpdate, .hotStandbyFeedback:
                return violation("a standby's message from an upstream")
            }
        } catch {
            return violation("a stream message that does not fit: \(error)")
        }
    }

    private mutating func walReceived(_ data: XLogData) -> [Action] {
        guard data.start == receivedLSN else {
            return violation("WAL from \(data.start) where \(receivedLSN) was due")
        }
        let end = data.start.advanced(by: data.bytes.count)
        guard end - data.start == data.bytes.count else {
            return violation("WAL from \(data.start) past the last position there is")
        }
        if let fork = upstream?.history.switchpoint(of: timeline), end > fork {
            return violation("WAL up to \(end) of timeline \(timeline), which ends at \(fork)")
        }
        guard end > data.start else { return [] }
        self.next.lsn = end
        return [.writeWAL(timeline, at: data.start, bytes: Array(data.bytes))]
    }
}

// How a conversation goes on, or ends.
extension WALReceiver {
    mutating func ask(_ question: Question) -> [Action] {
        phase = .asking(question, PartialAnswer())
        switch question {
        case .identifySystem: return send(.identifySystem)
        case .history(let timeline): return send(.timelineHistory(timeline))
        }
    }

    func send(_ command: ReplicationCommand) -> [Action] {
        [.send(.query(command.description))]
    }

    /// This upstream cannot be followed. It is looked at again like any other, as by PostgreSQL's
    /// walreceiver: it may have become one that can. The same refusal is told once.
    mutating func cannotFollow(_ refusal: Refusal) -> [Action] {
        let isNews = refusal != self.refusal
        self.refusal = refusal
        waitForRetry()
        return (isNews ? [.report(.stopped(refusal))] : []) + [.disconnect]
    }

    mutating func violation(_ what: String) -> [Action] {
        waitForRetry()
        return [.report(.protocolViolation(what)), .disconnect]
    }

    /// An error ends this try; what it says is for the learner.
    private mutating func refused(_ error: ServerError) -> [Action] {
        waitForRetry()
        return [.report(.refused(error)), .disconnect]
    }

    private mutating func outOfTurn(_ message: BackendMessage) -> [Action] {
        let name = message.type.map { "'\(Character(Unicode.Scalar($0)))'" } ?? "of one byte"
        return violation("a message \(name) out of turn")
    }
}
