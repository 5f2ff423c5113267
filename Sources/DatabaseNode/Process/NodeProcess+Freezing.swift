import Network

// Stopped where it stands, and running again.
extension NodeProcess {
    /// Stops it (SIGSTOP): it does no work at a stillness, its timers find nobody, and programs
    /// from outside get no answer. What comes over links is kept back by those.
    package func freeze() {
        suspension.begin()
        for connection in outsideConnections { connection.freeze() }
    }

    /// It runs again (SIGCONT), and finds what has come and what is due.
    package func thaw() {
        suspension.end()
        // What was due may have stopped it again.
        guard !suspension.isOn else { return }
        for connection in outsideConnections { connection.thaw() }
    }

    private var outsideConnections: [Connection] {
        backends.keys.sorted().compactMap { backends[$0]?.connection }
            .filter { !$0.isInternal }
    }
}
