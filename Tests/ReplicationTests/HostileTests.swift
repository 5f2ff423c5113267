import LabClock
import Replication
import Testing
import WALFormat
import WireProtocol

/// Whatever the other end says, in whatever order, neither machine traps or loses its place.
struct HostileTests {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a receiver survives any upstream`(_ seed: UInt64) {
        var chance = SeededDraws(seed: seed)
        var receiver = WALReceiver(flush: chance.position)
        var due = receiver.flushLSN
        for _ in 0..<500 {
            for action in receiver.suffer(&chance) {
                switch action {
                case .writeWAL(_, let start, let bytes):
                    #expect(start <= due, "a gap")
                    due = start.advanced(by: bytes.count)
                case .switchTimeline(let next, let history):
                    #expect(history.entries.last.map { $0.timeline < next } == true)
                    if Bool.random(using: &chance) { _ = receiver.timelineSwitched(to: next) }
                case .dial: _ = receiver.dialled()
                case .storeHistory(let asked, _):
                    if Bool.random(using: &chance) { _ = receiver.historyStored(asked) }
                case .send, .sendStatus, .sendFeedback, .disconnect, .report: break
                }
            }
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a sender survives any client`(_ seed: UInt64) {
        var chance = SeededDraws(seed: seed)
        var sender = ReplicationConversation()
        var server = WALSender.Server(flush: 0x3000, history: TimelineHistory(forks: 0x1000))
        for _ in 0..<500 {
            for action in sender.suffer(&chance, &server) {
                switch action {
                case .stream(.readWAL(let start, let end)):
                    #expect(end > start && end <= server.flushLSN)
                    let bytes = [UInt8](repeating: 0, count: end - start)
                    _ = sender.walRead(at: start, bytes, server: server)
                case .readHistory(let timeline): _ = sender.historyRead(timeline, .success(nil))
                case .readSetting(let name): _ = sender.settingRead(name, nil)
                case .slot(let request):
                    _ = sender.slotAnswered(chance.answer(to: request), server: server)
                case .beginBackup: _ = sender.backupBegun(chance.backupStart, server: server)
                case .backup(.readFile(_, let start, let byteCount)):
                    #expect(start >= 0 && (1...BaseBackup.pieceByteCount).contains(byteCount))
                    _ = sender.fileRead(chance.piece, server: server)
                case .backup(.end): _ = sender.backupEnded(chance.backupEnd)
                case .send, .stream, .enterCopyBoth, .leaveCopyBoth, .claimStream, .releaseSlot,
                    .cleanUpSlots, .backup(.send), .report:
                    break
                case .close: sender = ReplicationConversation()
                }
            }
        }
    }
}

extension SeededDraws {
    /// A position where things go wrong, or any.
    fileprivate var position: UInt64 {
        mutating get {
            let candidates: [UInt64] = [
                0, 1, 0x1000, 0x1001, 0x2000, 0x3000, .max, .max - 1, UInt64(1) << 63, next(),
            ]
            return candidates[Int.random(in: 0..<candidates.count, using: &self)]
        }
    }

    fileprivate var timeline: UInt32 {
        mutating get {
            let candidates: [UInt32] = [0, 1, 2, 3, .max, .max - 1]
            return candidates[Int.random(in: 0..<candidates.count, using: &self)]
        }
    }

    /// What a table might say.
    fileprivate mutating func answer(to request: SlotRequest) -> SlotAnswer {
        let error = ServerError(code: .objectInUse, message: "in use")
        if Bool.random(using: &self) { return .refused(error) }
        guard case .read(let name) = request else { return .done }
        return .slot(ReplicationSlot(name: name, restartLSN: LSN(position)))
    }

    fileprivate var backupOptions: BaseBackupOptions {
        mutating get {
            var options = BaseBackupOptions()
            options.includesWAL = Bool.random(using: &self)
            options.manifest = Bool.random(using: &self) ? .yes : .forceEncode
            options.maximumRate = Bool.random(using: &self) ? 32 : nil
            options.label = Bool.random(using: &self) ? "x" : "\u{0}\n\"\u{1F600}"
            return options
        }
    }

    fileprivate var backupStart: BaseBackup.Start {
        mutating get {
            let sizes = [0, 1, 511, 512, 40_000, -1]
            let files = sizes.map { size in
                BackupFile(
                    path: "f\(size)", kind: .file(byteCount: size),
                    modifiedAt: PostgresTime(microseconds: Int64(truncatingIfNeeded: next())))
            }
            return BaseBackup.Start(
                position: LSN(position), checkpoint: LSN(position), timeline: Timeline(timeline),
                isStandby: Bool.random(using: &self), files: files)
        }
    }

    fileprivate var backupEnd: BaseBackup.End {
        mutating get {
            BaseBackup.End(
                position: LSN(position), timeline: Timeline(timeline),
                history: TimelineHistory(forks: position, position),
                isStandby: Bool.random(using: &self))
        }
    }

    fileprivate var piece: [UInt8]? {
        mutating get {
            let count = Int.random(in: -1..<40_000, using: &self)
            return count < 0 ? nil : [UInt8](repeating: 7, count: count)
        }
    }

    /// A status of any positions.
    fileprivate var status: StandbyStatus {
        mutating get {
            StandbyStatus(
                write: LSN(position), flush: LSN(position), apply: LSN(position),
                sentAt: instant, replyRequested: Bool.random(using: &self))
        }
    }
}

extension WALReceiver {
    /// Something arrives that may or may not fit.
    fileprivate mutating func suffer(_ chance: inout SeededDraws) -> [Action] {
        let place = Bool.random(using: &chance) ? receivedLSN.rawValue : chance.position
        switch Int.random(in: 0..<17, using: &chance) {
        case 16:
            return deadlineReached(
                now: PostgresTime(microseconds: Int64(truncatingIfNeeded: chance.next())))
        case 0: return connect()
        case 1: return connectionClosed()
        case 2: return retryDue()
        case 3: return dialled()
        case 4...5: return hears(Upstream.greeting)
        case 6: return hears(Upstream.identity(timeline: timeline.rawValue))
        case 7: return hears(Upstream.identity(timeline: chance.timeline))
        case 8:
            return hears(
                Upstream.history(
                    chance.timeline, TimelineHistory(forks: chance.position, chance.position)))
        case 9...10: return hears([.copyBothResponse()])
        case 11: return hearsWAL(at: place, [UInt8](repeating: 1, count: 20))
        case 12: return hears([.copyDone])
        case 13: return hears(Upstream.end(next: chance.timeline, at: place))
        case 14:
            return hears([
                .copyData((0..<20).map { _ in UInt8.random(in: 0...255, using: &chance) })
            ])
        default:
            walFlushed(upTo: receivedLSN)
            return quiet(now: instant)
        }
    }
}

extension ReplicationConversation {
    /// A client does something that may or may not fit.
    fileprivate mutating func suffer(
        _ chance: inout SeededDraws, _ server: inout WALSender.Server
    ) -> [Action] {
        switch Int.random(in: 0..<14, using: &chance) {
        case 10: return commandReceived(.baseBackup(chance.backupOptions), server: server)
        case 11:
            return commandReceived(
                .createPhysicalSlot(name: "s", temporary: true, reserveWAL: true), server: server)
        case 12: return commandReceived(.readSlot(name: "s"), server: server)
        case 13:
            server.now = PostgresTime(microseconds: Int64(truncatingIfNeeded: chance.next()))
            return deadlineReached(server: server)
        case 0...2:
            let timeline = Bool.random(using: &chance) ? Timeline(chance.timeline) : nil
            return commandReceived(
                .startReplication(slot: nil, at: LSN(chance.position), timeline: timeline),
                server: server)
        case 3: return commandReceived(.timelineHistory(Timeline(chance.timeline)), server: server)
        case 4: return copyDataReceived(.statusUpdate(chance.status), server: server)
        case 5: return copyDoneReceived()
        case 6...7:
            let room = Int(truncatingIfNeeded: chance.next())
            return pump(server: server, room: room)
        case 8:
            server.flushLSN = server.flushLSN.advanced(by: 10_000)
            return []
        default:
            return Int.random(in: 0..<20, using: &chance) == 0 ? serverStops(server: server) : []
        }
    }
}
