internal import Glibc
internal import Synchronization

/// The explorer's end of a worker: starts the process, asks, and tells how it died if it did.
///
/// - One question at a time; whoever asks waits, but no longer than the patience.
/// - A worker that died or hangs is replaced at the next question.
/// - Used by one thread.
package final class WorkerProcess {
    private struct Life {
        let pid: pid_t
        /// What the worker reads, and what it prints: our ends of the pipes.
        let input: Int32
        let output: Int32
        let diagnostics: Int32
    }

    private let arguments: [String]
    private let patience: Int
    private var life: Life?
    private var unread: [UInt8] = []

    /// - Parameters:
    ///   - arguments: the program, a path, and its arguments.
    ///   - patience: so many seconds may pass until it answers.
    package init(_ arguments: [String], patience: Int) {
        self.arguments = arguments
        self.patience = patience
    }

    deinit { if life != nil { _ = end(SIGKILL) } }

    /// Has a session run so many times.
    ///
    /// - Parameter patience: so many seconds; nil: as many as the worker was given.
    package func ask(_ script: SessionScript, runs: Int, patience: Int? = nil) -> Verdict {
        let patience = patience ?? self.patience
        if life == nil { life = start() }
        guard let life else { return .ended(status: 127, lastOutput: ["it cannot be started"]) }
        var isHung = false
        send(WorkerRequest(runs: runs, script).text, to: life.input)
        let verdict = Verdict { line(from: life.output, within: patience, &isHung) }
        if let verdict { return verdict }
        let ending = end(isHung ? SIGKILL : SIGTERM)
        return isHung ? .hung(seconds: patience) : ending
    }

    /// The next line it prints; nil when it closed its output, or said nothing for too long.
    private func line(
        from descriptor: Int32, within patience: Int, _ isHung: inout Bool
    ) -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&poller, 1, Int32(patience) * 1000)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else {
                isHung = true
                return nil
            }
            let piece = Self.read(descriptor)
            if piece.isEmpty { return nil }
            unread += piece
        }
    }

    private func send(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            // A worker that is gone says so on its output.
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    private static func read(_ descriptor: Int32) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            return Array(piece.prefix(max(0, count)))
        }
    }
}

// Its beginning and its end.
extension WorkerProcess {
    /// One process is started at a time: an end of its pipes that another inherits would never be
    /// closed.
    private static let starting = Mutex(())

    /// Nil: there is no such program, or no room for it.
    private func start() -> Life? {
        unread = []
        return Self.starting.withLock { _ in startAlone() }
    }

    private func startAlone() -> Life? {
        var pipes: [(read: Int32, write: Int32)] = []
        for _ in 0..<3 {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { return nil }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            pipes.append((ends[0], ends[1]))
        }
        let ours = [pipes[0].write, pipes[1].read, pipes[2].read]
        let theirs = [pipes[0].read, pipes[1].write, pipes[2].write]
        let pid = spawn(theirs)
        for end in theirs { close(end) }
        guard let pid else {
            for end in ours { close(end) }
            return nil
        }
        return Life(pid: pid, input: ours[0], output: ours[1], diagnostics: ours[2])
    }

    private func spawn(_ streams: [Int32]) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, stream) in streams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream, Int32(index))
        }
        // A trap is told by its signal; a walk through the stack would only take seconds.
        let environment = ["PATH=/usr/bin:/bin", "LC_ALL=C", "SWIFT_BACKTRACE=enable=no"]
        let words = (arguments.map { strdup($0) }, environment.map { strdup($0) })
        defer { for word in words.0 + words.1 { free(word) } }
        var pid = pid_t()
        let code = posix_spawn(
            &pid, arguments[0], &actions, nil, words.0 + [nil], words.1 + [nil])
        return code == 0 ? pid : nil
    }

    /// Waits until it has ended, with a signal's help if it hangs, and says how.
    private func end(_ signal: Int32) -> Verdict {
        guard let life else { return .ended(status: 127, lastOutput: []) }
        self.life = nil
        close(life.input)
        if signal == SIGKILL { kill(life.pid, signal) }
        var status: Int32 = 0
        while waitpid(life.pid, &status, 0) < 0, errno == EINTR {}
        let lastOutput = String(decoding: Self.read(life.diagnostics), as: UTF8.self)
            .split(separator: "\n").suffix(4).map(String.init)
        close(life.output)
        close(life.diagnostics)
        let number = status & 0x7F
        return number == 0
            ? .ended(status: status >> 8 & 0xFF, lastOutput: lastOutput)
            : .trapped(signal: number, lastOutput: lastOutput)
    }
}
