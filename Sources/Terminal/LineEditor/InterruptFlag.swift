import CLineEditor

/// ^C while a command runs: a flag that long commands look at, so that `wait` and `load` end early
/// and the lab stays alive.
///
/// - Raising it is all that the signal handler does; system calls that wait come back with `EINTR`.
/// - At the prompt ^C is a key and raises nothing; see ``LineEditor``.
/// - The signal may arrive on any thread: others should have called ``blockSignalsInThisThread()``.
package enum InterruptFlag {
    /// Catches SIGINT from now on, unless the process was started with it ignored. Returns 0 or an
    /// `errno`.
    @discardableResult
    package static func install() -> Int32 { cle_interrupt_install() }

    /// Whether ^C was pressed since the flag was last taken.
    package static var isRaised: Bool { cle_interrupt_pending() }

    /// Whether ^C was pressed, and forgets it: for the one who acts on it.
    package static func take() -> Bool { cle_interrupt_take() }

    /// Raises the flag as the signal would.
    package static func raise() { cle_interrupt_raise() }

    /// Keeps signals meant for the whole process away from the calling thread and those it starts
    /// later.
    package static func blockSignalsInThisThread() { cle_block_signals_in_this_thread() }
}
