import LabClock
package import Network
import Replication
package import Storage
import WALFormat
import WireProtocol

/// The shell of a rewind: the socket to the source, and the directory of the node that is down, on
/// a thread of its own. PostgreSQL: `pg_rewind --source-server`.
///
/// - First the source's control data and history, then the plan; nothing is touched before. Then
///   pages and `pg_xact`, then how far the source's log is, then that log: so it describes all
///   that was copied.
/// - So many pieces and no more are asked for and not yet written.
/// - It calls `ended` once, when nobody is at the directory any more.
/// - Touched on the lab's loop only.
package final class Rewinding {
    private let node: String
    private let source: String
    private let storage: NodeStorage
    private let changes: Bool
    private let port: () -> Int?
    private let lab: LabLoop
    private let ended: (End) -> Void
    private let target: RewindTarget
    private let thread: WorkThread
    private var mailbox: Mailbox<Letter>!
    private var deadline: Deadline!
    private var wire: UpstreamWire!
    private var reader: SourceReader
    private var phase = Phase.connecting
    private var summary: RewindSummary?
    /// What is still to be asked, last first.
    private var agenda: [Piece] = []
    private var openCount = 0
    private var isTouched = false

    private static let pieceByteCount = 65_536
    private static let window = 8

    /// - Parameters:
    ///   - changes: false: only the plan is wanted.
    ///   - thread: for the directory; the rewinding ends it.
    package init(
        _ node: String, from source: String, _ storage: NodeStorage, changes: Bool,
        on thread: WorkThread, timeout: Duration, lab: LabLoop, port: @escaping () -> Int?,
        ended: @escaping (End) -> Void
    ) {
        (self.node, self.source, self.storage, self.changes) = (node, source, storage, changes)
        (self.thread, self.lab, self.port, self.ended) = (thread, lab, port, ended)
        reader = SourceReader(name: node, timeout: timeout)
        target = RewindTarget(storage.fileSystem, source: source)
        mailbox = lab.mailbox { [weak self] letter in self?.received(letter) }
        wire = UpstreamWire { [weak self] news in self?.heard(news) }
        deadline = Deadline(lab: lab, owner: "rewind \(node)") { [weak self] in
            guard let self else { return }
            perform(reader.deadlineReached(now: time))
        }
    }

    private var time: PostgresTime { LabTime.postgres(lab.stepper.now) }

    package func start() { perform(reader.connect(now: time)) }

    /// The learner has called it off.
    package func cancel() { fail(.cancelled) }

    /// Pieces that have come, for whoever watches whether it gets on.
    package private(set) var pieceCount = 0

    // MARK: The socket

    private func heard(_ news: UpstreamWire.News) {
        switch news {
        case .connected: perform(reader.dialled(now: time))
        case .message(let message): perform(reader.received(message, now: time))
        case .refused, .closed: perform(reader.connectionClosed())
        case .broken(let error): perform(reader.framesBroken("\(error)"))
        }
    }

    private func perform(_ actions: [SourceReader.Action]) {
        for action in actions {
            switch action {
            case .dial:
                guard let port = port() else { return perform(reader.connectionClosed()) }
                wire.dial { [lab] in lab.dial(port: port, answered: $0) }
            case .send(let message): wire.send(message.encoded())
            case .ready:
                phase = .surveying(control: nil)
                ask(.file(path: DataDirectory.controlPath, from: 0, byteCount: 8192))
            case .answered(let question, let answer):
                pieceCount += 1
                answered(question, answer)
            case .failed(let failure): fail(failure)
            }
        }
        deadline.move(to: reader.nextDeadline)
    }

    private func ask(_ question: SourceReader.Question) {
        perform(reader.ask(question, now: time))
    }

    private func answered(_ question: SourceReader.Question, _ answer: SourceReader.Answer) {
        switch (phase, answer) {
        case (.surveying(nil), .bytes(let control)): surveyed(control)
        case (.surveying(let control?), .bytes(let history)): plan(control, history: history)
        case (.surveying, _): fail(.protocolViolation("it has no control data"))
        case (.probing(let source, let plan, _), .bytes): begin(source, plan)
        case (.probing(let source, let plan, let rest), _): probe(source, plan, rest)
        case (.copyingFiles, _), (.copyingLog, _): copied(question, answer)
        case (.askingEnd(let source, let plan), .position(let end)): copyLog(source, plan, end)
        case (.askingEnd, _): ask(.flushed)
        case (.connecting, _), (.planning, _), (.finishing, _), (.opening, _), (.over, _): break
        }
    }

    // MARK: The plan

    private func surveyed(_ bytes: [UInt8]) {
        guard let control = try? ControlData(decoding: bytes) else {
            return fail(.protocolViolation("its control data make no sense"))
        }
        let timeline = RewindSource.timeline(control)
        guard timeline > .first else { return plan(bytes, history: nil) }
        phase = .surveying(control: bytes)
        ask(.file(path: RewindSource.historyPath(timeline), from: 0, byteCount: 65_536))
    }

    private func plan(_ control: [UInt8], history: [UInt8]?) {
        guard let source = RewindSource(control: control, history: history) else {
            return fail(.protocolViolation("its history makes no sense"))
        }
        phase = .planning(source)
        work { [storage] in
            do throws(RewindRefusal) {
                return .planned(.success(try RewindPlan(storage.fileSystem, source: source)))
            } catch {
                return .planned(.failure(error))
            }
        }
    }

    private func probe(_ source: RewindSource, _ plan: RewindPlan, _ paths: [String]) {
        guard let path = paths.first else {
            return finish(.sourceLacksLog(plan, directoryIsTouched: isTouched))
        }
        phase = .probing(source, plan, Array(paths.dropFirst()))
        ask(.file(path: path, from: 0, byteCount: 8))
    }

    // MARK: Copying

    private func begin(_ source: RewindSource, _ plan: RewindPlan) {
        let blocks = plan.copiedBlocks(ofSourcePages: source.control.files.pageCount)
        summary = RewindSummary(plan, source, blockCount: blocks.count)
        guard changes else { return end() }
        isTouched = true
        submit(.begin(plan))
        phase = .copyingFiles(source, plan)
        let pages = blocks.ranges.flatMap { range in
            pieces(
                of: [RewindSource.tablePath], from: Int(range.lowerBound) * 8192,
                upTo: Int(range.upperBound) * 8192)
        }
        let commits = source.commitLogPaths.flatMap { pieces(of: [$0.path], upTo: $0.byteCount) }
        let histories = source.historyPaths.flatMap { pieces(of: [$0], upTo: 65_536) }
        agenda = (pages + commits + histories).reversed()
        goOn()
    }

    private func pieces(
        of paths: [String], from start: Int = 0, upTo end: Int, closesAt length: Int? = nil
    ) -> [Piece] {
        stride(from: start, to: end, by: Self.pieceByteCount).map { offset in
            let next = min(end, offset + Self.pieceByteCount)
            return Piece(
                paths: paths, offset: offset, byteCount: next - offset,
                closesAt: next == end ? length : nil)
        }
    }

    private func goOn() {
        while openCount < Self.window, let piece = agenda.popLast() {
            openCount += 1
            asked.append(piece)
            ask(.file(path: piece.paths[0], from: piece.offset, byteCount: piece.byteCount))
        }
        guard openCount == 0, agenda.isEmpty else { return }
        switch phase {
        case .copyingFiles(let source, let plan):
            let length = Int(source.control.files.pageCount) * 8192
            phase = .askingEnd(source, plan)
            submit(.close(path: RewindSource.tablePath, byteCount: length))
            for file in source.commitLogPaths where writtenLengths[file.path] != nil {
                submit(.close(path: file.path, byteCount: writtenLengths[file.path] ?? 0))
            }
            for path in source.historyPaths where writtenLengths[path] != nil {
                submit(.close(path: path, byteCount: writtenLengths[path] ?? 0))
            }
            ask(.replayed)
        case .copyingLog(let source, let plan, let end):
            phase = .finishing
            wire.hangUp()
            work { [target] in .finished(target.perform(.finish(plan, source, end: end))) }
        case .connecting, .surveying, .planning, .probing, .askingEnd, .finishing, .opening, .over:
            break
        }
    }

    /// Asked and not answered, oldest first.
    private var asked: [Piece] = []
    private var writtenLengths: [String: Int] = [:]

    private func copied(_ question: SourceReader.Question, _ answer: SourceReader.Answer) {
        guard !asked.isEmpty else { return }
        var piece = asked.removeFirst()
        switch answer {
        case .bytes(let bytes):
            let path = piece.paths[0]
            writtenLengths[path] = max(writtenLengths[path] ?? 0, piece.offset + bytes.count)
            summary?.add(path, bytes.count)
            if let length = piece.closesAt {
                submit(.write(path: path, at: piece.offset, bytes: bytes), counts: true)
                submit(.close(path: path, byteCount: length))
            } else {
                submit(.write(path: path, at: piece.offset, bytes: bytes), counts: true)
            }
        case .nothing, .position:
            openCount -= 1
            if piece.paths.count > 1 {
                piece.paths.removeFirst()
                agenda.append(piece)
            } else if case .copyingLog(_, let plan, _) = phase {
                return lacksLog(plan)
            }
            goOn()
        }
    }

    private func lacksLog(_ plan: RewindPlan) {
        finish(.sourceLacksLog(plan, directoryIsTouched: isTouched))
    }

    /// All that was copied is described by the source's log up to its end of now.
    private func copyLog(_ source: RewindSource, _ plan: RewindPlan, _ end: LSN) {
        phase = .copyingLog(source, plan, end: end)
        summary?.end = end
        let size = source.control.segmentSize
        let numbers =
            size.number(
                containing: plan.redo)...size.number(
                containing: LSN(end.rawValue - 1))
        agenda = numbers.flatMap { number in
            let used = min(size.byteCount, end - size.start(of: number))
            let whole = (used + 8191) / 8192 * 8192
            return pieces(
                of: source.segmentPaths(number), upTo: whole, closesAt: size.byteCount)
        }.reversed()
        goOn()
    }

    // MARK: The thread

    private func submit(_ job: RewindTarget.Job, counts: Bool = false) {
        work { [target] in
            let failure = target.perform(job)
            return counts ? .written(failure) : .stored(failure)
        }
    }

    private func work(_ body: @escaping @Sendable () -> Letter) {
        mailbox.expect()
        thread.submit { [mailbox] isAbandoned in
            mailbox?.post(isAbandoned ? .stored(nil) : body())
        }
    }

    private func received(_ letter: Letter) {
        switch (letter, phase) {
        case (_, .over): break
        case (.planned(.success(let plan)), .planning(let source)):
            let size = source.control.segmentSize
            probe(source, plan, source.segmentPaths(size.number(containing: plan.redo)))
        case (.planned(.failure(let refusal)), _): finish(.refused(refusal))
        case (.written(let failure?), _), (.stored(let failure?), _), (.finished(let failure?), _):
            fail(.disk(failure.description))
        case (.written(nil), _):
            openCount -= 1
            goOn()
        case (.finished(nil), _): open()
        case (.opened(.success(let opened)), _):
            guard let summary else { return }
            finish(.complete(summary, opened))
        case (.opened(.failure(let failure)), _): finish(.unusable(failure))
        case (.stored(nil), _), (.planned, _): break
        }
    }

    private func open() {
        phase = .opening
        target.abandon()
        work { [storage, time] in
            do throws(OpenFailure) {
                return .opened(.success(try OpenedDirectory(storage, at: time)))
            } catch {
                return .opened(.failure(error))
            }
        }
    }

    private func end() {
        guard let summary else { return }
        finish(.planned(summary))
    }

    private func fail(_ failure: BackupReceiver.Failure) {
        finish(.failed(failure, directoryIsTouched: isTouched))
    }

    /// The thread may be at the directory still: it is waited for.
    private func finish(_ end: End) {
        if case .over = phase { return }
        phase = .over
        deadline.cancel()
        wire.hangUp()
        mailbox.close()
        thread.shutdown()
        target.abandon()
        ended(end)
    }
}
