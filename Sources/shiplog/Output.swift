import Glibc
import Terminal

/// Standard output or standard error, written to at once.
///
/// Not stdio: its buffer would hide that a pipe was closed, and libedit has its own.
struct Output {
    static let standardOutput = Output(descriptor: STDOUT_FILENO)
    static let standardError = Output(descriptor: STDERR_FILENO)

    let descriptor: Int32

    /// So much is written between two looks at ``InterruptFlag``.
    private static let chunkByteCount = 1 << 16

    /// Makes sure that standard input, output and error are taken. Else a file or socket of the lab
    /// would get the number of one that the process was started without, and our output with it.
    ///
    /// What fills the gap can be neither read as input nor written as output, and says so.
    static func fillGaps() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Prints lines; at ^C the rest of them is left out.
    func print(_ lines: [String]) throws(OutputError) {
        var bytes: [UInt8] = []
        for line in lines {
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
            guard bytes.count >= Self.chunkByteCount else { continue }
            guard !InterruptFlag.isRaised else { break }
            try write(bytes)
            bytes.removeAll(keepingCapacity: true)
        }
        try write(bytes)
    }

    /// Prints what is no line, and may as well be left out.
    func show(_ text: String) {
        do throws(OutputError) { try write(Array(text.utf8)) } catch {}
    }

    /// Prints lines, come of it what may: for the last words of a process.
    func report(_ lines: [String]) {
        do throws(OutputError) { try print(lines) } catch {}
    }

    private func write(_ bytes: [UInt8]) throws(OutputError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&poller, 1, -1)
            } else if errno != EINTR {
                throw OutputError(errno: errno)
            }
        }
    }
}

/// Nothing can be printed any more.
struct OutputError: Error, Hashable, CustomStringConvertible {
    let errno: Int32

    var description: String { "cannot print: \(String(cString: strerror(errno)))" }

    /// Nobody reads any more (`| head -1`, a terminal that was closed): the end, and no trouble.
    var isNobodyThere: Bool { errno == EPIPE || errno == EIO }

    /// Says what there is to say, and gives the exit status.
    func report() -> Int32 {
        if isNobodyThere { return ExitStatus.ended(by: SIGPIPE) }
        Output.standardError.report(["error: \(description)"])
        return ExitStatus.failed
    }
}

/// What the process tells who started it. Wrong usage is 64, and ArgumentParser's to say.
enum ExitStatus {
    /// Every command did what it should.
    static let success: Int32 = 0
    /// A command failed, or a transcript differed.
    static let failed: Int32 = 1
    /// The lab could not start, or a file could not be read.
    static let couldNotStart: Int32 = 2

    /// As shells report a process that a signal ended: 130 for ^C.
    static func ended(by signal: Int32) -> Int32 { 128 + signal }
}
