import Foundation
import Glibc
import Synchronization

/// The built program as a process of its own, started the way a shell would: no signal blocked or
/// ignored, nothing inherited but what is given.
final class Child {
    /// The executable, which the build puts beside the tests.
    static let path: String = {
        let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return ((tests ?? "") as NSString).deletingLastPathComponent + "/shiplog"
    }()

    let pid: pid_t
    /// Reads the end of a pipe that nobody writes to and only the child holds: it ends with it.
    private let life: Int32
    private var status: Int32?

    /// What the child does with a descriptor before it begins.
    enum Action {
        /// The parent's descriptor becomes the child's.
        case use(Int32, as: Int32)
        /// Opens a file; of a session's first terminal this makes the session's own.
        case open(String, as: Int32)
    }

    /// Starts a program; `environment` is all it sees.
    init(
        _ arguments: [String], environment: [String: String], startsSession: Bool = false,
        actions: [Action]
    ) throws {
        let lifeline = try Descriptors.pipe()
        life = lifeline.reading
        defer { close(lifeline.writing) }
        var pid: pid_t = 0
        let code = Self.spawn(
            &pid, arguments, environment, startsSession,
            actions + [.use(lifeline.writing, as: lifeline.writing)])
        guard code == 0 else { throw Trouble.system(code) }
        self.pid = pid
    }

    deinit {
        if status == nil {
            kill(pid, SIGKILL)
            _ = reap()
        }
        close(life)
    }

    /// Sends the process a signal, as `kill` does.
    func send(_ signal: Int32) { kill(pid, signal) }

    /// Whether it has ended, or does so within a few milliseconds.
    func hasEnded(within patience: Int32) -> Bool {
        Descriptors.isReadable(life, within: patience)
    }

    /// Waits for its end and gives its exit status, 128 + n when signal n killed it.
    func wait() throws -> Int32 {
        if let status { return status }
        guard Descriptors.isReadable(life) else { throw Trouble.stillRunning }
        return reap()
    }

    private func reap() -> Int32 {
        var word: Int32 = 0
        while waitpid(pid, &word, 0) < 0, errno == EINTR {}
        let signal = word & 0x7F
        let result = signal == 0 ? (word >> 8) & 0xFF : 128 + signal
        status = result
        return result
    }

    enum Trouble: Error {
        case system(Int32)
        case stillRunning
        case notShown(String, shown: String)
    }
}

extension Child {
    /// Not in Glibc's Swift face, which hides what is GNU's.
    private static let startSessionFlag: Int16 = 0x80

    private static func spawn(
        _ pid: inout pid_t, _ arguments: [String], _ environment: [String: String],
        _ startsSession: Bool, _ actions: [Action]
    ) -> Int32 {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        for action in actions {
            switch action {
            case .use(let own, let theirs):
                posix_spawn_file_actions_adddup2(&files, own, theirs)
            case .open(let path, let theirs):
                posix_spawn_file_actions_addopen(&files, theirs, path, O_RDWR, 0)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
                | (startsSession ? startSessionFlag : 0))
        let words = (arguments.map { strdup($0) } + [nil])
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        return Descriptors.whilePrivate {
            posix_spawn(&pid, arguments[0], &files, &attributes, words, variables)
        }
    }
}

/// Waiting for a descriptor, and pipes that no other child inherits.
enum Descriptors {
    /// So long nothing happens only on a machine that is broken.
    private static let patience: Int32 = 60_000

    /// Held while a pipe is made and while a child is: tests run side by side, and a child that
    /// inherits another's pipe would keep it open. (`pipe2` is hidden from Swift.)
    private static let lock = Mutex(())

    static func whilePrivate<Value>(_ body: () -> Value) -> Value { lock.withLock { _ in body() } }

    static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        let isMade = whilePrivate {
            Glibc.pipe(&ends) == 0 && ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }
        }
        guard isMade else { throw Child.Trouble.system(errno) }
        return (ends[0], ends[1])
    }

    /// Waits until there is something to read, or the end.
    static func isReadable(_ descriptor: Int32, within patience: Int32 = patience) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, patience) > 0
    }

    /// What is there; empty at the end.
    static func read(_ descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            written += count
        }
    }
}
