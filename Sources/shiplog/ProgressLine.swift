import Cluster
import Dispatch
import Synchronization

/// How far a long command is, on the line where a terminal's cursor stands: there from the
/// command's second second on, and erased when the command has ended.
///
/// - Its clock is the real one; nothing of it reaches the lab.
/// - It is for a terminal only. What a command prints in the end is the same with and without it.
/// - `@unchecked Sendable`: the timer is made once, and a dispatch source may be called from any
///   thread; the rest is behind the lock.
final class ProgressLine: @unchecked Sendable {
    private static let interval = DispatchTimeInterval.milliseconds(200)
    private static let patience = Duration.seconds(1)

    private struct State {
        let began = ContinuousClock.now
        /// Where the rate is reckoned from.
        var first: (count: LabProgress.Count, at: ContinuousClock.Instant)?
        /// How many columns are to be erased.
        var width = 0
        var isOver = false
    }

    private let progress: LabProgress
    private let state = Mutex(State())
    private let timer: any DispatchSourceTimer

    /// Watches a command from now on.
    init(_ progress: LabProgress) {
        self.progress = progress
        timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + Self.interval, repeating: Self.interval)
        timer.setEventHandler { [weak self] in self?.tick() }
        timer.resume()
    }

    /// The command has ended: what is shown goes, and nothing is shown any more.
    func end() {
        timer.cancel()
        state.withLock { state in
            state.isOver = true
            show("", &state)
        }
    }

    private func tick() {
        state.withLock { state in
            guard !state.isOver else { return }
            let now = ContinuousClock.now
            guard let count = progress.now else { return show("", &state) }
            guard let first = state.first, first.count.isBefore(count) else {
                return state.first = (count, now)
            }
            guard now - state.began >= Self.patience else { return }
            let rate = Double(count.done - first.count.done) / ((now - first.at) / .seconds(1))
            show(
                "\(count.done) of \(count.all) \(count.unit.rawValue), \(Int(rate)) a second",
                &state)
        }
    }

    /// Puts a text in the place of what is shown.
    private func show(_ text: String, _ state: inout State) {
        let columns = text.utf8.count
        let rest = String(repeating: " ", count: max(0, state.width - columns))
        guard columns > 0 || state.width > 0 else { return }
        Output.standardOutput.show("\r" + text + rest + (columns > 0 ? "" : "\r"))
        state.width = columns
    }
}

extension LabProgress.Count {
    /// Whether this is the same work as that, no further.
    fileprivate func isBefore(_ later: LabProgress.Count) -> Bool {
        all == later.all && done <= later.done
    }
}
