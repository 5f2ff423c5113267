package import LabClock
package import Network
package import Replication
package import Storage
import WALFormat
import WireProtocol

/// The shell of a base backup's receiver: the socket to the source, and the directory that is being
/// filled, on a thread of its own. PostgreSQL: `pg_basebackup`.
///
/// - It reads on only as fast as the own disk writes.
/// - It calls `ended` once, when nobody is at the directory any more; after `kill` never.
/// - Touched on the lab's loop only.
package final class Seeding {
    /// How it ended.
    package enum End {
        /// The directory was opened and recovered to consistency.
        case complete(BackupReceiver.Summary, OpenedDirectory)
        /// The directory is whole; another program than a node will start on it.
        case received(BackupReceiver.Summary)
        /// It is whole, and yet no node can start on it.
        case unusable(OpenFailure)
        case failed(BackupReceiver.Failure, directoryIsTouched: Bool)
    }

    /// What the thread has done.
    private enum Letter: Sendable {
        case written(DiskFailure?, byteCount: Int)
        case stored(DiskFailure?)
        case emptied
        case opened(Result<OpenedDirectory, OpenFailure>)
    }

    /// Where and for whom.
    package struct Place {
        let node: String
        package let source: String
        let storage: NodeStorage
        /// Whether a node is to start on it.
        let isForNode: Bool
        /// The port of the wire to the source; nil when that is not there.
        let port: () -> Int?

        package init(
            node: String, source: String, storage: NodeStorage, isForNode: Bool = true,
            port: @escaping () -> Int?
        ) {
            self.node = node
            self.source = source
            self.storage = storage
            self.isForNode = isForNode
            self.port = port
        }
    }

    package let place: Place
    package let beganAt: LabInstant
    private var receiver: BackupReceiver
    private let lab: LabLoop
    private let ended: (End) -> Void
    private let target: BackupTarget
    private let thread: WorkThread
    private var mailbox: Mailbox<Letter>!
    private var deadline: Deadline!
    private var wire: UpstreamWire!
    private var isOver = false
    private var outcome: BackupReceiver.Outcome?
    /// Handed to the thread and not written yet.
    private var unwrittenByteCount = 0

    /// Beyond so much the source has to wait.
    private static let maximumUnwrittenByteCount = 1 << 20

    /// - Parameter thread: for the directory; the seeding ends it.
    package init(
        _ place: Place, on thread: WorkThread, rate: Int?, timeout: Duration, lab: LabLoop,
        ended: @escaping (End) -> Void
    ) {
        self.place = place
        self.thread = thread
        self.lab = lab
        self.ended = ended
        beganAt = lab.stepper.now
        receiver = BackupReceiver(name: place.node, rate: rate, timeout: timeout)
        target = BackupTarget(place.storage.fileSystem, source: place.source)
        mailbox = lab.mailbox { [weak self] letter in self?.received(letter) }
        wire = UpstreamWire { [weak self] news in self?.heard(news) }
        deadline = Deadline(lab: lab, owner: "backup \(place.node)") { [weak self] in
            guard let self else { return }
            perform(receiver.deadlineReached(now: time))
        }
    }

    package var progress: SeedingProgress {
        SeedingProgress(
            source: place.source, receivedByteCount: receiver.receivedByteCount,
            expectedByteCount: receiver.expectedByteCount)
    }

    private var time: PostgresTime { LabTime.postgres(lab.stepper.now) }

    package func start() {
        perform(receiver.connect(now: time))
    }

    /// The learner has called it off.
    package func cancel() {
        perform(receiver.cancel())
    }

    /// A power loss.
    package func kill() {
        isOver = true
        deadline.cancel()
        wire.reset()
        mailbox.close()
        thread.abandon()
        target.abandon()
    }

    // MARK: The socket

    private func dial() {
        guard let port = place.port() else { return perform(receiver.connectionClosed()) }
        wire.dial { [lab] in lab.dial(port: port, answered: $0) }
    }

    private func heard(_ news: UpstreamWire.News) {
        switch news {
        case .connected: perform(receiver.dialled(now: time))
        case .message(let message): perform(receiver.received(message, now: time))
        case .refused, .closed: perform(receiver.connectionClosed())
        case .broken(let error): perform(receiver.framesBroken("\(error)"))
        }
    }

    // MARK: Actions

    private func perform(_ actions: [BackupReceiver.Action]) {
        for action in actions where !isOver { perform(action) }
        if !isOver { deadline.move(to: receiver.nextDeadline) }
    }

    private func perform(_ action: BackupReceiver.Action) {
        switch action {
        case .dial: dial()
        case .send(let message): wire.send(message.encoded())
        case .emptyDirectory: submit(.empty)
        case .makeDirectory(let path): submit(.makeDirectory(path))
        case .write(let path, let offset, let bytes):
            submit(.write(path: path, at: offset, bytes: bytes), byteCount: bytes.count)
        case .finish(let manifest):
            work { [target] in .stored(target.perform(.finish(manifest: manifest))) }
        case .disconnect: wire.hangUp()
        case .ended(let outcome): end(outcome)
        }
    }

    private func submit(_ job: BackupTarget.Job, byteCount: Int = 0) {
        unwrittenByteCount += byteCount
        if unwrittenByteCount > Self.maximumUnwrittenByteCount { wire.pause() }
        work { [target] in .written(target.perform(job), byteCount: byteCount) }
    }

    private func work(_ body: @escaping @Sendable () -> Letter) {
        mailbox.expect()
        thread.submit { [mailbox] isAbandoned in
            mailbox?.post(isAbandoned ? .emptied : body())
        }
    }

    private func end(_ outcome: BackupReceiver.Outcome) {
        self.outcome = outcome
        switch outcome {
        case .complete(let summary) where !place.isForNode:
            finish(.received(summary))
        case .complete:
            let storage = place.storage
            work { [time] in
                do throws(OpenFailure) {
                    return .opened(.success(try OpenedDirectory(storage, at: time)))
                } catch {
                    return .opened(.failure(error))
                }
            }
        case .failed(let failure, let isTouched):
            guard isTouched else { return finish(.failed(failure, directoryIsTouched: false)) }
            work { [target] in
                _ = target.perform(.giveUp)
                return .emptied
            }
        }
    }

    private func received(_ letter: Letter) {
        switch (letter, outcome) {
        case (.written(let failure, let byteCount), _):
            unwrittenByteCount -= byteCount
            if unwrittenByteCount <= Self.maximumUnwrittenByteCount / 2 { wire.resume() }
            if let failure { perform(receiver.storageFailed(failure.description)) }
        case (.stored(nil), _):
            perform(receiver.stored())
        case (.stored(let failure?), _):
            perform(receiver.storageFailed(failure.description))
        case (.emptied, .failed(let failure, let isTouched)):
            finish(.failed(failure, directoryIsTouched: isTouched))
        case (.opened(.success(let opened)), .complete(let summary)):
            finish(.complete(summary, opened))
        case (.opened(.failure(let failure)), _):
            finish(.unusable(failure))
        case (.emptied, _), (.opened, _):
            break
        }
    }

    private func finish(_ end: End) {
        isOver = true
        deadline.cancel()
        wire.hangUp()
        mailbox.close()
        thread.shutdown()
        target.abandon()
        ended(end)
    }
}
