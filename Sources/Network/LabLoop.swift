import Dispatch
public import LabClock
import NIOCore
import NIOPosix
import Synchronization

/// The one thread on which the whole lab lives: sockets, nodes, links, clock.
///
/// `@unchecked Sendable`: what it holds besides NIO's own loop is reached only through
/// `perform`, which runs on that loop.
public final class LabLoop: @unchecked Sendable {
    let group: MultiThreadedEventLoopGroup
    let loop: any EventLoop
    /// What is moving. Loop only.
    let ledger: SettleLedger
    let rule: LoopRule
    /// Lab time. Loop only.
    public let stepper: Stepper
    /// Loop only.
    private(set) lazy var outsideTurns = OutsideTurns(self)
    private let isOver = Atomic(false)

    /// Starts the thread, with the lab's clock at `now`.
    public init(now: LabInstant = .start) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        self.loop = loop
        rule = LoopRule { loop.inEventLoop }
        ledger = SettleLedger(rule: rule)
        stepper = Stepper(now: now, ledger: ledger) { body in
            let work = LoopConfined(value: body)
            loop.execute { work.value() }
        }
    }

    /// The thread has ended, or is about to: nobody would answer.
    public struct IsOver: Error, CustomStringConvertible {
        /// One line.
        public var description: String { "the lab is closed" }
    }

    /// Runs `body` on the loop and waits for it. Never call it from the loop itself.
    ///
    /// - Throws: what `body` throws; `IsOver` after `shutDown`.
    public func perform<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) throws -> Value {
        guard !isOver.load(ordering: .acquiring) else { throw IsOver() }
        let answer = Answer<Result<Value, any Error>>()
        loop.execute { answer.give(Result(catching: body)) }
        return try answer.wait().get()
    }

    /// Moves the lab towards a goal made on the loop, and waits until the run has ended.
    public func run(_ goal: @escaping @Sendable () -> Stepper.Goal) -> Stepper.End {
        run(goal) { $0 }
    }

    /// The same, and brings back what was made on the loop when the run had ended. One way onto the
    /// loop and back, where asking, running and fetching would be three.
    public func run<Value: Sendable>(
        _ goal: @escaping @Sendable () -> Stepper.Goal,
        then fetch: @escaping @Sendable (Stepper.End) -> Value
    ) -> Value {
        precondition(!isOver.load(ordering: .acquiring), "the lab was used after it was closed")
        let answer = Answer<Value>()
        loop.execute { [self] in
            stepper.start(goal()) { answer.give(fetch($0)) }
        }
        return answer.wait()
    }

    /// Ends the present run early, at the next stillness. From any thread.
    ///
    /// - Parameter body: called on the loop if there is a run: who keeps the lab from coming to a
    ///   stillness is asked to leave off.
    public func interrupt(_ body: @escaping @Sendable () -> Void = {}) {
        loop.execute { [self] in
            stepper.interrupt()
            if stepper.isInterrupted { body() }
        }
    }

    /// Stops the thread. Everything on it is gone afterwards.
    public func shutDown() {
        isOver.store(true, ordering: .releasing)
        try? group.syncShutdownGracefully()
    }

    /// How many outside programs are connected. Loop only.
    public var outsiderCount: Int { ledger.outsiderCount }

    /// Makes a way back onto the loop for work done on other threads, such as a disk's. Loop only;
    /// the order of making is the order of receiving, see `ThreadJobs`.
    public func mailbox<Letter: Sendable>(
        _ receive: @escaping (Letter) -> Void
    ) -> Mailbox<Letter> {
        Mailbox(loop: loop, jobs: stepper.jobs, receive: receive)
    }
}

/// What one thread waits for and the loop gives, once. A learner's command waits several times, so
/// this is the cheapest way there is: a semaphore.
///
/// `@unchecked Sendable`: written before the semaphore is signalled, read after that.
private final class Answer<Value>: @unchecked Sendable {
    private let given = DispatchSemaphore(value: 0)
    private var value: Value?

    func give(_ value: Value) {
        self.value = value
        given.signal()
    }

    func wait() -> Value {
        given.wait()
        guard let value else { preconditionFailure("the semaphore was signalled without a value") }
        return value
    }
}

/// Carries a value that belongs to the loop through a `@Sendable` closure that runs on the loop.
///
/// `@unchecked Sendable`: made on the loop or before it starts, and opened only there.
struct LoopConfined<Value>: @unchecked Sendable {
    let value: Value
}
