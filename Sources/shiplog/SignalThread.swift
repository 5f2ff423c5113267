import Glibc
import Storage
import Terminal

/// A thread that waits for the signals that interrupt and end a process, and hands them on one by
/// one.
///
/// There are no signal handlers: nothing is ever interrupted half-way, and the reaction given here
/// may lock, print and exit.
///
/// - SIGINT, SIGTERM, SIGHUP and SIGQUIT reach no other thread, neither those of the lab nor
///   libedit's handlers: the lab must be started between ``init(_:)`` and ``release()``.
/// - A signal that the process was started to ignore (`nohup`, a background job) stays ignored.
struct SignalThread {
    /// What is done about a signal, or about none for a while. True: to be called again soon,
    /// whether or not another signal comes.
    typealias Reaction = @Sendable (Int32?) -> Bool

    private let watched: [Int32]
    private let before: sigset_t

    /// Blocks signals in the calling thread, and starts the thread that reacts to them.
    init(_ react: @escaping Reaction) throws(ThreadFailure) {
        // A reader that went away is an error of the write, so that the lab ends in order; so is a
        // file that may not grow (`ulimit -f`), which then is to a node what a full disk is.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var current = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &current)
        before = current
        watched = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].filter { !Self.isIgnored($0) }
        InterruptFlag.blockSignalsInThisThread()
        let watched = watched
        try WorkThread().submit { _ in Self.watch(watched, react) }
    }

    /// Gives the calling thread back the signals that are not watched: ^Z, a resized window. To be
    /// called when the lab's threads have been started.
    func release() {
        var mask = before
        for signal in watched { sigaddset(&mask, signal) }
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

extension SignalThread {
    /// How long "soon" is.
    static let reminderInterval = Duration.milliseconds(50)

    /// The thread's whole life.
    private static func watch(_ signals: [Int32], _ react: Reaction) {
        // ^Z stops the process whichever thread takes it: let it be this one while no other may.
        var stop = sigset_t()
        sigemptyset(&stop)
        sigaddset(&stop, SIGTSTP)
        pthread_sigmask(SIG_UNBLOCK, &stop, nil)
        guard !signals.isEmpty else { return }
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        var isSoon = false
        while true {
            isSoon = react(isSoon ? soon(set) : whenever(set))
        }
    }

    private static func whenever(_ signals: sigset_t) -> Int32? {
        var signals = signals
        var signal: Int32 = 0
        return sigwait(&signals, &signal) == 0 ? signal : nil
    }

    private static func soon(_ signals: sigset_t) -> Int32? {
        var signals = signals
        let nanoseconds = reminderInterval.components.attoseconds / 1_000_000_000
        var patience = timespec(tv_sec: 0, tv_nsec: Int(nanoseconds))
        let signal = sigtimedwait(&signals, nil, &patience)
        return signal > 0 ? signal : nil
    }
}
