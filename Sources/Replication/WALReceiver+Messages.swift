public import WALFormat
public import WireProtocol

// What the upstream says.
extension WALReceiver {
    /// A message arrived. What does not belong into the present phase ends the connection.
    public mutating func received(_ message: BackendMessage, now: PostgresTime) -> [Action] {
        switch message {
        case .parameterStatus, .noticeResponse, .backendKeyData, .negotiateProtocolVersion,
            .authenticationOK, .rowDescription, .commandComplete:
            return []
        case .errorResponse(let error):
            return refused(error)
        case .readyForQuery:
            return ready()
        case .dataRow(let row):
            return collect(row)
        case .copyBothResponse:
            guard case .starting = phase else { return violation("CopyBoth out of turn") }
            phase = .streaming
            return [.report(.streaming(from: receivedLSN, timeline: timeline))]
        case .copyData(let payload):
            return copyData(payload, now: now)
        case .copyDone:
            guard case .streaming = phase else { return violation("CopyDone out of turn") }
            phase = .endingTimeline(rows: [])
            return [.send(.copyDone)]
        case .encryptionAnswer, .authentication, .emptyQueryResponse, .parseComplete,
            .bindComplete, .closeComplete, .parameterDescription, .noData, .portalSuspended,
            .copyInResponse, .copyOutResponse:
            return violation("a message a WAL sender does not send")
        }
    }

    /// The next timeline's first segment is on disk.
    public mutating func timelineSwitched(to next: Timeline) -> [Action] {
        guard case .switching = phase else { return [] }
        timeline = next
        return [.report(.followed(next, from: receivedLSN))] + startStreaming()
    }

    private mutating func copyData(_ payload: [UInt8], now: PostgresTime) -> [Action] {
        guard case .streaming = phase else { return violation("WAL out of turn") }
        do throws(FrameError) {
            switch try ReplicationMessage(decoding: payload) {
            case .xLogData(let data):
                return walReceived(data)
            case .keepalive(let keepalive):
                guard keepalive.replyRequested else { return [] }
                let status = status(now: now)
                lastReport = status
                return [.sendStatus(status)]
            case .statusUpdate, .hotStandbyFeedback:
                return violation("a standby's message from an upstream")
            }
        } catch {
            return violation("\(error)")
        }
    }

    private mutating func walReceived(_ data: XLogData) -> [Action] {
        guard data.start == receivedLSN else {
            return violation("WAL from \(data.start) where \(receivedLSN) was due")
        }
        receivedLSN = data.end
        return [.writeWAL(timeline, at: data.start, bytes: data.bytes)]
    }

    private mutating func collect(_ row: [[UInt8]?]) -> [Action] {
        switch phase {
        case .asking(let question, let rows):
            phase = .asking(question, rows: rows + [row])
            return []
        case .endingTimeline(let rows):
            phase = .endingTimeline(rows: rows + [row])
            return []
        case .starting:
            // A start exactly at the fork: no stream, the next timeline at once.
            phase = .endingTimeline(rows: [row])
            return []
        case .idle, .dialling, .greeting, .streaming, .switching, .waiting, .stopped:
            return violation("a row out of turn")
        }
    }

    /// The upstream is ready for the next command: the conversation's next step.
    private mutating func ready() -> [Action] {
        switch phase {
        case .greeting:
            phase = .asking(.identifySystem, rows: [])
            return [.send(.query(ReplicationCommand.identifySystem.description))]
        case .asking(.identifySystem, let rows):
            return identified(rows)
        case .asking(.history(let timeline), let rows):
            return historyArrived(timeline, rows)
        case .endingTimeline(let rows):
            return timelineEnded(rows)
        case .idle, .dialling, .starting, .streaming, .switching, .waiting, .stopped:
            return []
        }
    }

    private mutating func identified(_ rows: [[[UInt8]?]]) -> [Action] {
        guard let reply = rows.first.flatMap(IdentifySystemReply.init(row:)) else {
            return violation("IDENTIFY_SYSTEM without an answer")
        }
        guard reply.systemIdentifier == systemIdentifier else {
            return stopFor(
                .otherCluster(own: systemIdentifier, theirs: reply.systemIdentifier))
        }
        if reply.timeline == timeline { return startStreaming() }
        guard reply.timeline > timeline else {
            return stopFor(.notAnAncestor(own: timeline, upstream: reply.timeline))
        }
        return ask(historyOf: reply.timeline)
    }

    private mutating func ask(historyOf upstream: Timeline) -> [Action] {
        phase = .asking(.history(upstream), rows: [])
        return [.send(.query(ReplicationCommand.timelineHistory(upstream).description))]
    }

    private mutating func historyArrived(_ upstream: Timeline, _ rows: [[[UInt8]?]]) -> [Action] {
        guard let reply = rows.first.flatMap({ TimelineHistoryReply(row: $0) }) else {
            return violation("TIMELINE_HISTORY without an answer")
        }
        guard let fork = reply.history.switchpoint(of: timeline) else {
            return stopFor(.notAnAncestor(own: timeline, upstream: upstream))
        }
        guard receivedLSN <= fork else {
            return stopFor(
                .diverged(own: receivedLSN, timeline: timeline, fork: fork, upstream: upstream))
        }
        history = reply.history
        historyTimeline = upstream
        return [.storeHistory(upstream, reply.history)] + startStreaming()
    }

    private mutating func timelineEnded(_ rows: [[[UInt8]?]]) -> [Action] {
        guard let end = rows.first.flatMap(StartReplicationReply.init(row:)),
            let next = end.nextTimeline, let start = end.nextStart
        else { return violation("the stream ended without a next timeline") }
        guard next > timeline, start == receivedLSN else {
            return violation("timeline \(next) from \(start) does not continue \(receivedLSN)")
        }
        guard let history, let known = historyTimeline, known >= next else {
            return ask(historyOf: next)
        }
        phase = .switching
        return [.switchTimeline(next, history.cut(to: next))]
    }

    private mutating func startStreaming() -> [Action] {
        phase = .starting
        let command = ReplicationCommand.startReplication(
            slot: nil, at: receivedLSN, timeline: timeline)
        return [.send(.query(command.description))]
    }

    /// An error ends this try; what it says is for the learner.
    private mutating func refused(_ error: ServerError) -> [Action] {
        phase = .waiting
        return [.report(.refused(error)), .disconnect, .retry(after: Self.retryInterval)]
    }

    private mutating func stopFor(_ refusal: Refusal) -> [Action] {
        phase = .stopped(refusal)
        return [.report(.stopped(refusal)), .disconnect]
    }

    private mutating func violation(_ what: String) -> [Action] {
        phase = .waiting
        return [
            .report(.protocolViolation(what)), .disconnect, .retry(after: Self.retryInterval),
        ]
    }
}
