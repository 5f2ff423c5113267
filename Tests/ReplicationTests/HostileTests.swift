import Replication
import Testing
import WALFormat
import WireProtocol

/// Whatever the other end says, in whatever order, neither machine traps or loses its place.
struct HostileTests {
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a receiver survives any upstream`(_ seed: UInt64) {
        var chance = SeededGenerator(seed: seed)
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
                case .retry: _ = receiver.retryDue()
                case .send, .sendStatus, .storeHistory, .disconnect, .report: break
                }
            }
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a sender survives any client`(_ seed: UInt64) {
        var chance = SeededGenerator(seed: seed)
        var sender = WALSender()
        var server = WALSender.Server(flush: 0x3000, history: TimelineHistory(forks: 0x1000))
        for _ in 0..<500 {
            for action in sender.suffer(&chance, &server) {
                switch action {
                case .readWAL(let start, let end):
                    #expect(end > start && end <= server.flushLSN)
                    let bytes = [UInt8](repeating: 0, count: end - start)
                    _ = sender.walRead(at: start, bytes, server: server)
                case .readHistory(let timeline): _ = sender.historyRead(timeline, nil)
                case .send, .sendWAL, .sendKeepalive, .enterCopyBoth, .leaveCopyBoth: break
                case .close: sender = WALSender()
                }
            }
        }
    }
}

extension SeededGenerator {
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
    fileprivate mutating func suffer(_ chance: inout SeededGenerator) -> [Action] {
        let place = Bool.random(using: &chance) ? receivedLSN.rawValue : chance.position
        switch Int.random(in: 0..<16, using: &chance) {
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

extension WALSender {
    /// A client does something that may or may not fit.
    fileprivate mutating func suffer(
        _ chance: inout SeededGenerator, _ server: inout Server
    ) -> [Action] {
        switch Int.random(in: 0..<10, using: &chance) {
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
