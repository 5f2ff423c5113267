import LabClock

/// Reads that clients leave to a router, and what they have met.
///
/// It keeps those that wait for a replica; who sends them is `Cluster`.
///
/// - A read that waits is looked at again whenever the lab has come to rest.
/// - Touched on the lab's loop only.
final class RoutedReads {
    /// A read that has been asked for.
    struct Request {
        let key: String
        let policy: ReadPolicy
        /// Of the reader's own last write.
        let token: ReadToken?
        /// Whether the reader is the one who writes this key.
        let ownsKey: Bool
        let asked: LabInstant
        /// Called once, on the loop.
        let done: (Result<RoutedReport, LabFailure>) -> Void
    }

    /// One that waits for a replica, and the timer that ends its wait.
    struct Waiting {
        let request: Request
        let deadline: TimerQueue<() -> Void>.Token
    }

    /// All of them so far.
    private(set) var counts = ReadCounts()
    /// The last one of the prompt's.
    private(set) var last: RoutedReport?
    private(set) var waiting: [Waiting] = []
    private var router = ReadRouter()

    /// Whom to ask for a read now.
    func choice(for request: Request, among nodes: ReadRouter.Nodes) -> ReadRouter.Choice {
        router.choice(request.policy, request.token, asked: request.asked, among: nodes)
    }

    /// A read waits.
    func wait(_ read: Waiting) { waiting.append(read) }

    /// Those that wait; none does any more.
    func takeWaiting() -> [Waiting] {
        defer { waiting = [] }
        return waiting
    }

    /// A read was answered.
    func count(_ report: RoutedReport) { counts.add(report) }

    /// The prompt has heard the answer to a read.
    func remember(_ report: RoutedReport) { last = report }
}
