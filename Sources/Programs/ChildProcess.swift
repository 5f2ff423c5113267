internal import Glibc

/// A program that was started. What it prints, on either stream, is read here.
///
/// - It has a process group of its own, so ^C on the terminal does not reach it.
/// - It sees none of this process's environment, and inherits no file but its three streams.
/// - Used by one thread at a time.
package final class ChildProcess {
    package let pid: Int32
    /// The program's own name, without its folder.
    package let name: String
    private let output: Int32
    private let keeper: (any ProcessKeeper)?
    private var unread: [UInt8] = []
    private var isOver = false

    /// Starts `arguments[0]`, a path.
    ///
    /// - Parameters:
    ///   - input: the file that it reads as its standard input.
    ///   - keeper: who is told of it.
    package init(
        _ arguments: [String], input: String = "/dev/null", isServer: Bool = false,
        keeper: (any ProcessKeeper)? = nil
    ) throws(ProgramFailure) {
        let program = arguments.first { $0.hasPrefix("/") && $0 != PostgresPrograms.starter }
        name = String(program?.split(separator: "/").last ?? "")
        self.keeper = keeper
        var ends: [Int32] = [0, 0]
        try checked("pipe", pipe(&ends))
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        output = ends[0]
        defer { close(ends[1]) }
        var pid = pid_t()
        let code = Self.spawn(&pid, arguments, input: input, output: ends[1])
        guard code == 0 else {
            close(ends[0])
            throw .system(call: "start \(arguments[0])", errno: code)
        }
        self.pid = pid
        keeper?.began(pid, isServer: isServer)
    }

    deinit { close(output) }

    /// The next line it prints, without its newline; nil when it has closed both streams.
    package func readLine() -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            var piece = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return lastLine() }
            unread += piece[..<count]
        }
    }

    /// What it left without a newline behind it.
    private func lastLine() -> String? {
        defer { unread = [] }
        return unread.isEmpty ? nil : String(decoding: unread, as: UTF8.self)
    }

    /// Waits until it has ended, and hands on what it printed.
    /// - Throws: `.program` when its exit status is not 0.
    package func finish() throws(ProgramFailure) -> [String] {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        guard wait() == 0 else {
            throw .program(name: name, said: Self.lastOutput(lines))
        }
        return lines
    }

    /// What a program says last is why it failed.
    package static func lastOutput(_ lines: [String]) -> String {
        lines.filter { !$0.isEmpty }.suffix(2).joined(separator: "; ")
    }

    /// Sends it a signal. Only while it has not been waited for.
    func send(_ signal: Int32) {
        kill(pid, signal)
    }

    /// Waits for a program that has closed both its streams.
    package func reap() {
        _ = wait()
    }

    /// Tells it to end, and waits until it has.
    package func stop(_ signal: Int32) {
        guard !isOver else { return }
        send(signal)
        while readLine() != nil {}
        _ = wait()
    }

    /// The exit status; -1 when a signal ended it.
    private func wait() -> Int32 {
        isOver = true
        // First look, then give the number back: until then it is nobody else's.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        keeper?.ends(pid)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }

    /// 0, or the error's number.
    private static func spawn(
        _ pid: inout pid_t, _ arguments: [String], input: String, output: Int32
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // A socket of ours that lived on in the program would never close for its other end.
        guard let closeFrom, closeFrom(&actions, 3) == 0 else { return ENOSYS }
        // This process's threads block and ignore signals that a program needs to end by.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let path = arguments[0]
        let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"]
        return withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
        }
    }
}

private typealias CloseFrom =
    @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt

/// `posix_spawn_file_actions_addclosefrom_np`, of glibc 2.34 and later, whose header hides it from
/// Swift; nil where there is none.
private let closeFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np")
    .map { unsafeBitCast($0, to: CloseFrom.self) }

/// Lends texts as C has them: an array of pointers that ends with a null.
private func withCStrings<Answer>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Answer
) -> Answer {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
