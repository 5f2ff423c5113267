import DatabaseNode
import Replication
import WALFormat
import WireProtocol

// What the server says.
extension TailShell {
    func heard(_ news: UpstreamWire.News) {
        if case .refused = news { return fail(.unreachable(dialFailure)) }
        switch stage {
        case .asking(var survey):
            let actions = survey.actions(for: news)
            stage = .asking(survey)
            quietTickCount = 0
            for action in actions { perform(action) }
        case .receiving(var receiver):
            if case .broken(let error) = news { return fail(.protocolViolation("\(error)")) }
            noteGoodbye(news, receiver)
            let actions = receiver.actions(for: news, now: time)
            stage = .receiving(receiver)
            if let word = receiver.upstreamWord {
                positions.serverFlush = max(positions.serverFlush, word.end)
            }
            perform(actions)
        case .leaving(let end): heardWhileLeaving(news, end)
        case .over: break
        }
    }

    /// A server that stops cleanly says so, and then closes.
    private func noteGoodbye(_ news: UpstreamWire.News, _ receiver: WALReceiver) {
        if case .message(.commandComplete) = news, receiver.isStreaming { saidGoodbye = true }
    }

    private func heardWhileLeaving(_ news: UpstreamWire.News, _ end: End) {
        switch news {
        case .message(.readyForQuery), .closed, .broken: finish(end)
        case .message, .connected, .refused: break
        }
    }

    private func perform(_ action: UpstreamSurvey.Action) {
        switch action {
        case .send(let message): wire.send(message.encoded())
        case .ended(.failure(let failure)): fail(.unfit(failure))
        case .ended(.success(let findings)): receive(findings)
        }
    }

    /// From here on it is the receiver's: it dials anew.
    private func receive(_ findings: UpstreamSurvey.Findings) {
        tell(.server(findings))
        let start = TailReading.streamStart(for: findings.start)
        reading = TailReading(
            from: findings.start, segmentSize: findings.segmentSize,
            systemIdentifier: findings.systemIdentifier, findings.startTimeline)
        positions.serverFlush = findings.flush
        positions.received = start
        positions.read = start
        var receiver = WALReceiver(
            name: Self.applicationName, user: request.user,
            systemIdentifier: findings.systemIdentifier, timeline: findings.startTimeline,
            flushLSN: start, replayLSN: start, slot: request.slot)
        wire.hangUp()
        let actions = receiver.connect(now: time)
        stage = .receiving(receiver)
        perform(actions)
    }
}

// What the receiver wants done.
extension TailShell {
    func perform(_ actions: [WALReceiver.Action]) {
        for action in actions { perform(action) }
        // It would try again; a reader of somebody else's log says that it was cut off, and ends.
        guard case .receiving(let receiver) = stage, receiver.retryAt != nil else { return }
        fail(.connectionLost(at: receiver.receivedLSN))
    }

    private func perform(_ action: WALReceiver.Action) {
        guard case .receiving(var receiver) = stage else { return }
        switch action {
        case .dial: dial()
        case .send(let message): wire.send(message.encoded())
        case .sendStatus(let status): send(status)
        // It has no readers, and is never asked what they need.
        case .sendFeedback: break
        case .writeWAL(_, let lsn, let bytes): read(bytes, from: lsn)
        case .storeHistory(let timeline, _):
            // It keeps no log: there is nothing to store it beside.
            let next = receiver.historyStored(timeline, now: time)
            stage = .receiving(receiver)
            perform(next)
        case .switchTimeline(let timeline, _):
            let next = receiver.timelineSwitched(to: timeline, now: time)
            stage = .receiving(receiver)
            perform(next)
        case .disconnect: wire.hangUp()
        case .report(let event): report(event, receiver)
        }
    }

    /// The time of the report is the server's own, as far as it is known.
    func send(_ status: StandbyStatus) {
        guard case .receiving(let receiver) = stage else { return }
        var status = status
        if let word = receiver.upstreamWord { status.sentAt = word.sentAt }
        wire.send(ReplicationMessage.statusUpdate(status).framed())
    }

    private func report(_ event: WALReceiver.Event, _ receiver: WALReceiver) {
        let end = receiver.receivedLSN
        switch event {
        case .streaming: break
        case .followed(let timeline, let lsn): tell(.timeline(timeline, from: lsn))
        case .disconnected: fail(saidGoodbye ? .stopped(at: end) : .connectionLost(at: end))
        case .timedOut(let duration): fail(.silent(after: duration))
        case .refused(let error): fail(.refused(error))
        case .stopped(let refusal): fail(.notFollowed(refusal))
        case .protocolViolation(let what): fail(.protocolViolation(what))
        }
    }

    private func read(_ bytes: [UInt8], from lsn: LSN) {
        reading?.feed(bytes)
        positions.messageCount += 1
        positions.byteCount += bytes.count
        positions.received = lsn.advanced(by: bytes.count)
        noteRead()
        while case .receiving = stage, let step = reading?.next() {
            switch step {
            case .needsMoreBytes: return noteRead()
            case .failed(let failure): return fail(failure)
            case .record(let record):
                positions.recordCount += 1
                positions.read = record.end
                tell(.record(record))
                guard positions.recordCount == request.count else { continue }
                noteRead()
                return leave(.success(.counted))
            }
        }
    }

    /// What the server will hear.
    private func noteRead() {
        guard case .receiving(var receiver) = stage, let reading else { return }
        receiver.walFlushed(upTo: positions.received)
        receiver.walReplayed(upTo: reading.end)
        stage = .receiving(receiver)
    }
}

extension UpstreamSurvey {
    /// What is to be done about news of the wire.
    fileprivate mutating func actions(for news: UpstreamWire.News) -> [Action] {
        switch news {
        case .connected: dialled()
        case .message(let message): received(message)
        case .broken(let error): framesBroken("\(error)")
        case .refused, .closed: connectionClosed()
        }
    }
}

extension WALReceiver {
    /// What is to be done about news of the wire.
    fileprivate mutating func actions(
        for news: UpstreamWire.News, now: PostgresTime
    ) -> [Action] {
        switch news {
        case .connected: dialled(now: now)
        case .message(let message): received(message, now: now)
        case .broken, .refused, .closed: connectionClosed(now: now)
        }
    }
}
