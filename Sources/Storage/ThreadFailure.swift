internal import Glibc

/// The system gives the process no more threads: by the user's limit (`ulimit -u`), or for want of
/// memory for its stack.
public struct ThreadFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The error number of `pthread_create`.
    public let code: Int32

    /// One line, with the system's words.
    public var description: String {
        "no thread can be made: \(strerror(code).map { String(cString: $0) } ?? "error \(code)")"
    }
}

extension WorkThread {
    /// Whether so many more threads can be made just now. They are made for that, and are gone
    /// again; libraries that make threads of their own have no answer where they get none.
    package static func canMake(_ count: Int) -> Bool {
        let before = runningCount
        var made: [WorkThread] = []
        while made.count < count, let thread = try? WorkThread() { made.append(thread) }
        for thread in made { thread.shutdown() }
        // The system counts a thread a moment longer than one waits for its end. Others may be made
        // meanwhile, so there is a bound.
        var looks = 0
        while runningCount > before, looks < 1_000 {
            sched_yield()
            looks += 1
        }
        return made.count == count
    }

    /// How many threads the process has, as far as the system counts them.
    private static var runningCount: Int {
        var status = stat()
        return stat("/proc/self/task", &status) == 0 ? Int(status.st_nlink) : 0
    }
}
