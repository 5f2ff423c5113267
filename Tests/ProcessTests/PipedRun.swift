import Glibc

/// A run of the program with pipes on all three descriptors.
final class PipedRun {
    /// What a run came to.
    struct Result {
        let status: Int32
        let output: String
        let errors: String

        /// The lines of the output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    let child: Child
    private let output: Int32
    private let errors: Int32
    private var input: Int32
    private var printed: [UInt8] = []
    private var complained: [UInt8] = []

    /// Starts `shiplog` with arguments; or whatever `words` say.
    init(_ words: [String], in home: Home, variables: [String: String] = [:]) throws {
        let stdin = try Descriptors.pipe()
        let stdout = try Descriptors.pipe()
        let stderr = try Descriptors.pipe()
        (input, output, errors) = (stdin.writing, stdout.reading, stderr.reading)
        defer { for end in [stdin.reading, stdout.writing, stderr.writing] { close(end) } }
        child = try Child(
            words, environment: home.environment.merging(variables) { $1 },
            actions: [
                .use(stdin.reading, as: STDIN_FILENO), .use(stdout.writing, as: STDOUT_FILENO),
                .use(stderr.writing, as: STDERR_FILENO),
            ])
    }

    deinit {
        closeInput()
        close(output)
        close(errors)
    }

    func type(_ text: String) { Descriptors.write(text, to: input) }

    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Waits for the next line of output.
    func nextLine() throws -> String {
        while true {
            if let end = printed.firstIndex(of: UInt8(ascii: "\n")) {
                defer { printed.removeSubrange(...end) }
                return String(decoding: printed[..<end], as: UTF8.self)
            }
            guard Descriptors.isReadable(output) else { throw Child.Trouble.stillRunning }
            let bytes = Descriptors.read(output)
            guard !bytes.isEmpty else {
                throw Child.Trouble.notShown("a line", shown: text(printed) + text(complained))
            }
            printed += bytes
        }
    }

    /// Gives no more input and waits for the end. The output is what was not read as a line.
    func finish() throws -> Result {
        closeInput()
        var open = [output, errors]
        while !open.isEmpty {
            var pollers = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&pollers, nfds_t(pollers.count), 60_000) > 0 else {
                throw Child.Trouble.stillRunning
            }
            for poller in pollers where poller.revents != 0 {
                let bytes = Descriptors.read(poller.fd)
                if bytes.isEmpty { open.removeAll { $0 == poller.fd } }
                if poller.fd == output { printed += bytes } else { complained += bytes }
            }
        }
        return Result(status: try child.wait(), output: text(printed), errors: text(complained))
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Runs `shiplog` to its end.
func shiplog(
    _ arguments: String..., input: String = "", in home: Home, variables: [String: String] = [:]
) throws -> PipedRun.Result {
    let run = try PipedRun([Child.path] + arguments, in: home, variables: variables)
    run.type(input)
    return try run.finish()
}

/// Runs a line of `sh` to its end; `$shiplog` is the program.
func shell(_ line: String, in home: Home) throws -> PipedRun.Result {
    try PipedRun(["/bin/sh", "-c", line], in: home, variables: ["shiplog": Child.path]).finish()
}
