internal import Dispatch
internal import Glibc
internal import Storage
internal import Synchronization

/// A running PostgreSQL that follows another server: an unmodified hot standby on files of its own,
/// on a port of 127.0.0.1 of its own.
///
/// - Its own settings, as far as they matter: it never gives up a silent upstream by itself
///   (`wal_receiver_timeout = 0`), since the lab's time may stand still, and it tries to connect
///   again every 100 ms of real time.
/// - It ends when this process does. `@unchecked Sendable`: the child process is read by one
///   thread, and signalled under a lock, only while it runs.
package final class StandbyServer: @unchecked Sendable {
    /// How it is to run.
    package struct Settings: Hashable, Sendable {
        /// Its `application_name`, as its upstream sees it.
        package var name: String
        /// The port on 127.0.0.1 where it finds its upstream.
        package var upstreamPort: Int
        /// PostgreSQL: `primary_slot_name`.
        package var slot: String?

        /// Settings of a standby without a slot, unless one is named.
        package init(name: String, upstreamPort: Int, slot: String? = nil) {
            self.name = name
            self.upstreamPort = upstreamPort
            self.slot = slot
        }
    }

    /// How long it may take to start, or to stop, in seconds of real time.
    package static let patience = 60

    /// Its own port.
    package let port: Int
    private let process: ChildProcess
    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    private struct State {
        var isRunning = true
        var phase = Phase.starting
        /// The last lines of its log.
        var lastLines: [String] = []
    }

    /// How far it has come, by its log.
    private enum Phase: Int {
        case starting
        /// It looks for WAL: it is about to connect to its upstream.
        case standingBy
        /// It takes connections.
        case ready

        static func reached(in line: String) -> Phase? {
            if line.contains("entering standby mode") { return .standingBy }
            return line.contains("ready to accept read-only connections") ? .ready : nil
        }
    }

    /// Starts a standby on a data directory with a `standby.signal`, and waits until it is about to
    /// connect to its upstream.
    package init(
        in folder: String, _ settings: Settings, with programs: PostgresPrograms
    ) throws(ProgramFailure) {
        let prefix = PostgresPrograms.serverPrefix()
        port = try LoopbackPort.free()
        let reader = try Self.thread()
        do throws(ProgramFailure) {
            process = try ChildProcess(
                prefix + [programs.path("postgres"), "-D", folder]
                    + Self.configuration(settings, port: port).flatMap { ["-c", $0] },
                isServer: true)
        } catch {
            reader.shutdown()
            throw error
        }
        listen(on: reader)
        try wait(for: .standingBy)
    }

    /// Waits until it takes connections, which it does once it has the WAL that makes its files
    /// consistent.
    /// - Throws: `.program` with its last words when it ends before, or takes longer than
    ///   `patience`: then it is stopped.
    package func waitUntilReady() throws(ProgramFailure) {
        try wait(for: .ready)
    }

    private func wait(for phase: Phase) throws(ProgramFailure) {
        let bound = DispatchTime.now() + .seconds(Self.patience)
        while state.withLock({ $0.isRunning && $0.phase.rawValue < phase.rawValue }) {
            guard changed.wait(timeout: bound) == .success else { break }
        }
        guard state.withLock({ $0.isRunning && $0.phase.rawValue >= phase.rawValue }) else {
            stop()
            throw .program(name: "postgres", said: lastOutput)
        }
    }

    /// Whether it runs.
    package var isRunning: Bool { state.withLock { $0.isRunning } }

    /// What its log said last, in one line.
    package var lastOutput: String {
        ChildProcess.lastOutput(state.withLock { $0.lastLines })
    }

    /// Shuts it down, fast, and waits until it has ended; at last without asking.
    package func stop() {
        for signal in [SIGINT, SIGQUIT, SIGKILL] {
            send(signal)
            let bound = DispatchTime.now() + .seconds(Self.patience / 2)
            if ended.wait(timeout: bound) == .success { break }
        }
        // Whoever asks again finds it ended.
        ended.signal()
    }

    private func send(_ signal: Int32) {
        state.withLock { state in
            if state.isRunning { process.send(signal) }
        }
    }

    private static func thread() throws(ProgramFailure) -> WorkThread {
        do throws(ThreadFailure) {
            return try WorkThread()
        } catch {
            throw .system(call: "pthread_create", errno: error.code)
        }
    }

    /// Reads its log to the end, on a thread of its own: an unread pipe would stop it.
    private func listen(on thread: WorkThread) {
        thread.submit { [self] _ in
            defer { thread.shutdown() }
            while let line = process.readLine() { note(line) }
            state.withLock { $0.isRunning = false }
            process.reap()
            changed.signal()
            ended.signal()
        }
    }

    private func note(_ line: String) {
        let phase = Phase.reached(in: line)
        state.withLock { state in
            state.lastLines = state.lastLines.suffix(9) + [line]
            state.phase = phase ?? state.phase
        }
        if phase != nil { changed.signal() }
    }

    private static func configuration(_ settings: Settings, port: Int) -> [String] {
        [
            "port=\(port)", "listen_addresses=127.0.0.1", "unix_socket_directories=",
            "hot_standby=on", "shared_buffers=16MB", "logging_collector=off", "log_line_prefix=",
            "primary_conninfo=host=127.0.0.1 port=\(settings.upstreamPort)"
                + " user=\(PostgresCluster.user) application_name=\(settings.name)"
                + " sslmode=disable gssencmode=disable",
            "primary_slot_name=\(settings.slot ?? "")",
            "wal_retrieve_retry_interval=100ms", "wal_receiver_timeout=0",
        ]
    }
}
