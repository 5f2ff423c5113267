import Cluster
import Glibc
import Session
import Storage
import Synchronization
import Terminal

/// The one lab of this process: started once, used by one command at a time, and closed exactly
/// once, whoever ends it: the last command, a signal, or a reader that went away.
///
/// - The main thread alone uses the lab, and only in ``run(_:)`` and ``look(_:)``. In between,
///   while it waits for a line, a signal may end the process in its stead.
/// - ^C interrupts the command that runs. In a batch, and while the lab starts, it also ends the
///   process, as SIGTERM and SIGHUP always do: once the command is over and its output printed.
/// - An end that a signal asked for is put off no longer than ``patience``, nor beyond a second ^C.
///   ^\ (SIGQUIT) waits for nothing at all. The lab's directory is then left as it is.
/// - `@unchecked Sendable`: `lab` is written once, by the main thread, before `state` says
///   `waiting`; others read it only afterwards, and either call `interrupt()`, which any thread
///   may, or have themselves moved `state` to `over`, after which the main thread keeps off.
final class LabProcess: @unchecked Sendable {
    private enum Activity {
        case starting
        /// For a line, or for a slow reader of output.
        case waiting
        case running
        /// Someone is closing the lab.
        case over
    }

    private struct State {
        var activity = Activity.starting
        /// The signal that is to end the process.
        var end: Int32?
        /// The command that runs is to end early.
        var isInterrupted = false
        /// ^C asked for the end: asked again, it is not put off.
        var isPressing = false
        /// How often the signal thread was reminded that the process is to end.
        var reminders = 0
    }

    /// How long a command that does not heed its interruption, or a lab that does not close, may
    /// keep the process from ending.
    private static let patience = Duration.seconds(10)

    private let endsOnInterrupt: Bool
    private let showsProgress: Bool
    private let state = Mutex(State())
    private let terminal = TerminalState()
    private var lab: Lab?

    /// - Parameter showsProgress: output is a terminal, where a line can be erased again.
    init(endsOnInterrupt: Bool, showsProgress: Bool) {
        self.endsOnInterrupt = endsOnInterrupt
        self.showsProgress = showsProgress
    }

    /// Starts the lab and a conversation with it, or says why it cannot be and ends the process.
    func start(_ options: LabOptions) -> Session {
        let signals = ProcessLimits.signalThread { [self] in received($0) }
        do throws(LabFailure) {
            let lab = try Lab(options)
            self.lab = lab
            signals.release()
            let session = Session(lab: lab)
            Output.standardError.report(session.alarms)
            enter(.waiting)
            endIfAsked()
            return session
        } catch {
            Output.standardError.report(Session.explain(error))
            exit(ExitStatus.couldNotStart)
        }
    }

    /// Runs one line's commands; ^C interrupts them.
    func run<Outcome>(_ body: () -> Outcome) -> Outcome {
        _ = InterruptFlag.take()
        enter(.running)
        let line = showsProgress ? lab.map { ProgressLine($0.progress) } : nil
        defer {
            // From here on a terminal that takes nothing holds up nobody who wants an end.
            enter(.waiting)
            line?.end()
        }
        return body()
    }

    /// Asks the lab something while a line is typed.
    func look<Answer>(_ body: () -> Answer) -> Answer {
        enter(.running)
        let answer = body()
        enter(.waiting)
        endIfAsked()
        return answer
    }

    /// Ends the process if a signal asked for it while a command ran. To be called when the
    /// command's output is printed.
    func endIfAsked() {
        if state.withLock({ $0.end }) != nil { end(ExitStatus.success) }
    }

    /// Closes the lab and ends the process, with the status of the signal if one asked for it.
    func end(_ status: Int32) -> Never {
        enter(.over)
        terminal.restore()
        lab?.close()
        let signal = state.withLock { $0.end }
        exit(signal.map(ExitStatus.ended) ?? status)
    }

    /// Once the signal thread closes the lab, the main thread has nothing more to do.
    private func enter(_ activity: Activity) {
        let isOver = state.withLock { state in
            guard state.activity != .over else { return true }
            state.activity = activity
            state.isInterrupted = false
            return false
        }
        while isOver { pause() }
    }
}

extension LabProcess {
    private enum Reaction {
        case none
        case interruptCommand
        case closeLab
        case exitAtOnce
    }

    /// On the signal thread. True as long as there is something to come back to.
    private func received(_ signal: Int32?) -> Bool {
        guard let signal else { return isReminded() }
        if signal == SIGINT { InterruptFlag.raise() }
        switch state.withLock({ reaction(to: signal, &$0) }) {
        case .none, .interruptCommand: return isReminded()
        case .closeLab:
            let close: WorkThread.Work = { [self] _ in
                terminal.restore()
                lab?.close()
                _exit(ExitStatus.ended(by: signal))
            }
            // Without a thread for it nobody listens to a second signal.
            guard let thread = try? WorkThread() else {
                close(false)
                return false
            }
            thread.submit(close)
            return true
        case .exitAtOnce:
            terminal.restore()
            _exit(ExitStatus.ended(by: signal))
        }
    }

    /// Interrupts the command again: it may have been about to begin, when there was nothing to
    /// interrupt yet. Under the lock, so that it is this command and not the next.
    private func isReminded() -> Bool {
        state.withLock { state in
            let isInterrupting = state.activity == .running && state.isInterrupted
            if isInterrupting { lab?.interrupt() }
            guard let end = state.end else { return isInterrupting }
            state.reminders += 1
            if SignalThread.reminderInterval * state.reminders > Self.patience {
                _exit(ExitStatus.ended(by: end))
            }
            return true
        }
    }

    private func reaction(to signal: Int32, _ state: inout State) -> Reaction {
        let endsProcess =
            signal != SIGINT || endsOnInterrupt || state.activity == .starting
            || state.activity == .over
        defer { if signal == SIGINT, endsProcess { state.isPressing = true } }
        if signal == SIGQUIT || (signal == SIGINT && state.isPressing) { return .exitAtOnce }
        switch state.activity {
        case .starting, .running:
            if endsProcess { state.end = state.end ?? signal }
            state.isInterrupted = true
            return .interruptCommand
        case .waiting:
            guard endsProcess else { return .none }
            state.end = state.end ?? signal
            state.activity = .over
            return .closeLab
        case .over:
            if signal != SIGINT { state.end = state.end ?? signal }
            return .none
        }
    }
}

/// How the terminal was before a line editor changed it.
private struct TerminalState {
    private let settings: termios?

    init() {
        var settings = termios()
        self.settings = tcgetattr(STDIN_FILENO, &settings) == 0 ? settings : nil
    }

    /// Puts it back, unless another job has the terminal now.
    func restore() {
        guard var settings, tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
}
