import DatabaseNode
import LabClock
import Network
import Replication
import WALFormat
import WireProtocol

/// The shell of a log tail: first it asks the server who it is, then the very receiver that a
/// standby has reads its log. Nothing is written and nothing replayed: what has arrived is reported
/// as written and flushed, what was read as replayed.
///
/// - The server has no share in lab time, and none in the lab's stillness. What bounds the waiting
///   for it is real time, counted in ticks; the time it is told is its own clock's.
/// - It reads on only as fast as the news are taken.
/// - It ends once; `end` says how. A stream is ended as the protocol has it, so that the server
///   knows that nothing went wrong.
/// - Touched on the lab's loop only.
final class TailShell {
    enum Stage {
        case asking(UpstreamSurvey)
        case receiving(WALReceiver)
        /// The goodbye is out.
        case leaving(End)
        case over(End)
    }

    typealias End = Result<LogTail.End, LogTail.Failure>

    static let applicationName = "shiplog"
    /// How long the server may take to let us in.
    static let patience = Duration.seconds(10)
    /// How long it may take nothing of what it is told.
    static let holdTickCount = 10
    /// How long it may take to say goodbye.
    static let farewellTickCount = 3
    /// Positions are told so often, if they have changed.
    static let positionsTickCount = 10
    /// Beyond so much untaken news the server has to wait.
    static let maximumNewsCount = 2_000

    let request: LogTail.Request
    private let lab: LabLoop
    var wire: UpstreamWire!
    private var tick: OutsideTimer?
    private(set) var dialFailure = LogTail.Unreachable.refused
    private(set) var news: [LogTail.News] = []
    var stage: Stage
    var reading: TailReading?
    var positions = LogTail.Positions(serverFlush: .invalid, received: .invalid, read: .invalid)
    private var toldPositions: LogTail.Positions?
    /// Ticks of the machines' clock.
    private var tickCount = 0
    /// Ticks since the server last said something, while it was asked, or since the goodbye.
    var quietTickCount = 0
    /// Ticks since the server took nothing any more of what it is told.
    private var heldTickCount = 0
    private var isPaused = false
    var saidGoodbye = false

    init(_ request: LogTail.Request, lab: LabLoop) {
        self.request = request
        self.lab = lab
        stage = .asking(
            UpstreamSurvey(
                UpstreamSurvey.Wish(
                    user: request.user, applicationName: Self.applicationName,
                    start: request.start, slot: request.slot)))
        wire = UpstreamWire { [weak self] news in self?.heard(news) }
    }

    /// The machines' clock: it counts ticks, and need not know the hour.
    var time: PostgresTime {
        PostgresTime(microseconds: LabTime.start.microseconds + Int64(tickCount) * 1_000_000)
    }

    func start() {
        lab.stepper.addLull("tail") { [weak self] in self?.quiet() ?? false }
        scheduleTick()
        dial()
    }

    func dial() {
        quietTickCount = 0
        wire.dial { [lab, request, weak self] answer in
            lab.dial(outside: request.host, port: request.port, within: Self.patience) { result in
                switch result {
                case .success(let connection): answer(connection)
                case .failure(let failure):
                    self?.dialFailure = LogTail.Unreachable(failure)
                    answer(nil)
                }
            }
        }
    }

    /// How it ended; nil before that.
    var end: End? {
        if case .over(let end) = stage { end } else { nil }
    }

    /// Whether there is something to take.
    var hasNews: Bool { !news.isEmpty || end != nil }

    func takeNews() -> [LogTail.News] {
        defer { news = [] }
        resumeReading()
        return news
    }

    private func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        wire.resume()
    }

    /// Cancelled.
    func cancel() {
        leave(.success(.cancelled))
    }

    /// Gone at once, with the lab.
    func abandon() {
        rest()
        wire.reset()
        stage = .over(.success(.cancelled))
    }

    func fail(_ failure: LogTail.Failure) {
        leave(.failure(failure))
    }

    func tell(_ item: LogTail.News) {
        news.append(item)
        guard news.count > Self.maximumNewsCount, !isPaused else { return }
        isPaused = true
        wire.pause()
    }

    private func tellPositions() {
        guard reading != nil, positions != toldPositions else { return }
        toldPositions = positions
        tell(.positions(positions))
    }

    /// Ends it as the protocol has it: a stream is ended by both sides before the goodbye.
    func leave(_ end: End) {
        switch stage {
        case .leaving, .over: return
        case .asking: finish(end)
        case .receiving(let receiver):
            // A server that was not read at all has not got far.
            if receiver.isStreaming || positions.messageCount > 0 { tellPositions() }
            resumeReading()
            guard receiver.isStreaming, case .success = end else { return finish(end) }
            quiet()
            stage = .leaving(end)
            quietTickCount = 0
            wire.send(FrontendMessage.copyDone.encoded())
        }
    }

    private func rest() {
        tick?.cancel()
        lab.stepper.removeLull("tail")
    }

    func finish(_ end: End) {
        rest()
        if wire.isHeld {
            // It would not take a goodbye either.
            wire.reset()
        } else {
            wire.send(FrontendMessage.terminate.encoded())
            wire.hangUp()
        }
        stage = .over(end)
    }

    /// A word to the server when nothing more is arriving.
    @discardableResult
    func quiet() -> Bool {
        guard case .receiving(var receiver) = stage, !isPaused else { return false }
        let actions = receiver.quiet(now: time)
        stage = .receiving(receiver)
        perform(actions)
        return !actions.isEmpty
    }
}

// Real time.
extension TailShell {
    private func scheduleTick() {
        tick = lab.afterRealTime(.seconds(1)) { [weak self] in
            guard let self else { return }
            if end == nil { scheduleTick() }
            ticked()
        }
    }

    private func ticked() {
        quietTickCount += 1
        heldTickCount = wire.isHeld ? heldTickCount + 1 : 0
        switch stage {
        case .asking:
            if .seconds(quietTickCount) >= Self.patience { fail(.silent(after: Self.patience)) }
        case .leaving(let end):
            if quietTickCount >= Self.farewellTickCount { finish(end) }
        case .receiving where wire.isHeld:
            guard heldTickCount >= Self.holdTickCount else { return }
            fail(.readsNothing(after: .seconds(heldTickCount)))
        case .receiving(let receiver) where isPaused:
            // Time stands still for the receiver: it is not the server who is silent. But the
            // server must hear of us.
            guard quietTickCount.isMultiple(of: Self.positionsTickCount) else { return }
            send(
                StandbyStatus(
                    write: receiver.writeLSN, flush: receiver.flushLSN, apply: receiver.replayLSN,
                    sentAt: time, replyRequested: false))
        case .receiving(var receiver):
            tickCount += 1
            let actions = receiver.deadlineReached(now: time)
            stage = .receiving(receiver)
            perform(actions)
            if tickCount.isMultiple(of: Self.positionsTickCount) { tellPositions() }
        case .over: break
        }
    }
}

extension LogTail.Unreachable {
    fileprivate init(_ failure: OutsideDialFailure) {
        switch failure {
        case .unknownHost: self = .unknownHost
        case .refused: self = .refused
        case .timedOut(let duration): self = .timedOut(after: duration)
        case .failed(let reason): self = .failed(reason)
        }
    }
}
