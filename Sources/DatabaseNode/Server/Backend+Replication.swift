import LabClock
import Network
import Replication
import SQLServer
import Storage
import WALFormat
import WireProtocol

// Replication: carrying out what the sender asks for.
extension Backend {
    func beginSending() {
        mode = .sender(ReplicationConversation())
        deadline = Deadline(
            lab: process.lab, owner: "sender \(process.name) \(id)",
            suspension: process.suspension
        ) { [weak self] in
            guard let self else { return }
            act { $0.deadlineReached(server: self.process.server) }
        }
    }

    /// Waits as the node's settings have it, from now on.
    func settingsChanged() {
        act { _ in [] }
    }

    func replicationCommand(_ text: String) {
        do throws(SQLSyntaxError) {
            let command = try ReplicationCommand.parse(text)
            act { $0.commandReceived(command, server: process.server) }
        } catch {
            send([.errorResponse(error.serverError), .readyForQuery(.idle)])
        }
    }

    func copyData(_ payload: [UInt8]) {
        do throws(FrameError) {
            let message = try ReplicationMessage(decoding: payload)
            act { $0.copyDataReceived(message, server: process.server) }
        } catch {
            switch error.answer {
            case .close, .fatal: return answer(error)
            case .error(let refusal, _): act { $0.readFailed(refusal) }
            }
        }
        if let reported = sender?.reported {
            progress.tracker.replied(
                reported, sent: sender?.sentLSN, at: LabTime.postgres(process.now))
        }
    }

    /// Sends what is flushed and has room; says whether there was anything to do.
    func pump() -> Bool {
        guard !yields else { return false }
        var worked = failBackup()
        let room = WALSender.readByteCount - unreadByteCount
        // Nothing in the lab moves when an outside program reads: this calls for the next pump.
        if unreadByteCount > 0, !connection.isInternal { goOnWhenSent() }
        act { sender in
            let actions = sender.pump(server: process.server, room: room)
            if !actions.isEmpty { worked = true }
            return actions
        }
        return worked
    }

    func serverStops() {
        act { $0.serverStops(server: process.server) }
    }

    /// Whether this client has nothing left to confirm. SQL clients are just cut off.
    var isDrained: Bool { sender?.isFinished ?? true }

    func act(
        _ event: (inout ReplicationConversation) -> [ReplicationConversation.Action]
    ) {
        guard case .sender(var conversation) = mode else { return }
        let wasBusy = conversation.isBusy
        let actions = event(&conversation)
        mode = .sender(conversation)
        for action in actions { perform(action) }
        deadline?.move(to: sender?.nextDeadline(server: process.server))
        if sender?.isFinished ?? true {
            // What it said last counts, also if its connection is gone by now.
            let reported = (sender ?? conversation).reported
            let hasAll = reported.map { $0.confirmed >= process.flushLSN } ?? false
            process.senderFinished(id, confirmedBy: hasAll ? applicationName : nil)
        }
        if wasBusy, sender?.isBusy == false { proceed() }
    }

    private func perform(_ action: ReplicationConversation.Action) {
        switch action {
        case .send(let message): send([message])
        case .readHistory(let timeline): readHistory(timeline)
        case .readSetting(let name): readSetting(name)
        case .close: end()
        case .claimStream: claimStream()
        case .enterCopyBoth: decoder.enter(.copyingBoth)
        case .stream(let action): perform(action)
        case .leaveCopyBoth: decoder.enter(.commands)
        case .slot(let request): process.perform(request, for: self)
        case .releaseSlot: process.carryOut(process.slots.release(by: slotOwner))
        case .cleanUpSlots: process.carryOut(process.slots.cleanUp(after: slotOwner))
        case .beginBackup: beginBackup()
        case .backup(let action): perform(action)
        case .report(let event):
            process.report(process.flushLSN, .sender(replica: applicationName, event))
        }
    }

    private func perform(_ action: WALSender.Action) {
        switch action {
        case .readWAL(let start, let end): readWAL(from: start, upTo: end)
        case .sendWAL(let data):
            progress.tracker.sent(logEnd: data.walEnd, at: data.sentAt)
            connection.send(data.framedHead(), data.bytes)
            noteSent()
        case .sendKeepalive(let keepalive):
            connection.send(ReplicationMessage.keepalive(keepalive).framed())
        case .sendCopyDone: send([.copyDone])
        case .confirmSlot(let name, let flushed):
            process.carryOut(process.slots.confirm(name, flushed: flushed, by: slotOwner))
        case .holdRows(let name, let xmin):
            process.slots.hold(name, from: xmin, by: slotOwner)
        }
    }

    /// For good: the connection may go, the bytes have left.
    private func noteSent() {
        guard let stream = sender?.sender else { return }
        process.noteSent(stream, to: applicationName)
    }

    private func claimStream() {
        let older = process.registry.claim(
            user: user, applicationName: applicationName, by: slotOwner)
        guard let older else { return }
        process.backends[Int(older)]?.act { $0.replaced() }
    }

    private func readWAL(from start: LSN, upTo end: LSN) {
        if let bytes = process.log.recent.bytes(from: start, upTo: end) {
            return act { $0.walRead(at: start, bytes, server: process.server) }
        }
        let timeline = process.logTimeline
        process.disk.submit(.readWAL(timeline, from: start, upTo: end)) { [weak self] result in
            guard let self, connection.isOpen else { return }
            act { sender in
                switch result {
                case .wal(let lsn, let bytes):
                    sender.walRead(at: lsn, bytes, server: process.server)
                case .failed(let failure):
                    sender.readFailed(failure.serverError)
                case .done, .walWritten, .walFlushed, .history, .segmentsRemoved, .oldestWAL, .read:
                    preconditionFailure("readWAL answered \(result)")
                }
            }
        }
    }

    private func readSetting(_ name: String) {
        let chosen = ["application_name": applicationName]
        let scope = Setting.Scope(node: process.configuration, chosen: chosen, user: user)
        let shown = SettingTable.show(name, in: scope)
        act { $0.settingRead(name, shown.map { ShowReply(name: $0.name, value: $0.value) }) }
    }

    private func readHistory(_ timeline: Timeline) {
        awaitsDisk = true
        process.disk.submit(.readHistory(timeline)) { [weak self] result in
            guard let self, connection.isOpen else { return }
            awaitsDisk = false
            act { sender in
                switch result {
                case .history(let history): sender.historyRead(timeline, .success(history))
                case .failed(.unknownTimeline): sender.historyRead(timeline, .success(nil))
                case .failed(let failure):
                    sender.historyRead(timeline, .failure(failure.serverError))
                case .done, .walWritten, .walFlushed, .wal, .segmentsRemoved, .oldestWAL, .read:
                    preconditionFailure("readHistory answered \(result)")
                }
            }
            proceed()
        }
    }
}

extension DiskFailure {
    /// The failure as a client is told.
    var serverError: ServerError {
        switch self {
        case .segmentRemoved:
            ServerError(code: .undefinedFile, message: description)
        case .io(let failure) where failure.kind == .noSpace:
            ServerError(code: .diskFull, message: description)
        case .io, .refused, .gap, .shortSegment, .unknownTimeline, .badHistory, .badRange,
            .abandoned:
            ServerError(code: .ioError, message: description)
        }
    }
}
