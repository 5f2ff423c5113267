internal import Glibc
internal import JSON
internal import Programs

/// A lab in a process of its own, as a user would run it on a pipe: lines in, replies out.
///
/// - At most ``linesAhead`` lines wait in the pipe: it can be told to end soon.
/// - It prints each line before its reply, so that what it has done is known.
final class SoakedLab {
    private static let linesAhead = 20

    /// The nodes' ports, which they keep.
    let ports: [Int]
    /// Every line it printed so far, but for those about ports.
    private(set) var output: [String] = []
    let pid: Int32
    private let process: ChildProcess
    private let input: Int32
    private var sentCount = 0
    private var echoCount = 0

    /// Starts it; its directories and the pipe are in a folder.
    init(
        _ program: String, seed: UInt64, folder: String, _ interruption: Interruption
    ) throws(BenchFailure) {
        let pipe = folder + "/input"
        try checked("mkfifo \(pipe)", mkfifo(pipe, 0o600))
        // Open for both, it does not wait for the other end.
        input = try checked("open \(pipe)", open(pipe, O_RDWR | O_CLOEXEC))
        let arguments = [
            program, "--replicas", "\(SoakJournal.replicaCount)", "--seed", "\(seed)", "--echo",
            "--keep-going", "--dir", folder + "/lab",
        ]
        do throws(ProgramFailure) {
            process = try ChildProcess(arguments, input: pipe, keeper: interruption)
        } catch {
            close(input)
            throw BenchFailure(error)
        }
        pid = process.pid
        try Self.write("connect --json", to: input)
        guard process.readLine() == "> connect --json", let line = process.readLine(),
            let addresses = JSONValue(decoding: Array(line.utf8))
        else {
            process.stop(SIGKILL)
            throw .lab("the lab does not answer")
        }
        ports = addresses.ports
    }

    /// Does a line, when the lab is through with what it was told before.
    func type(_ line: String) throws(BenchFailure) {
        while sentCount - echoCount >= Self.linesAhead { try readLine() }
        try Self.write(line, to: input)
        sentCount += 1
    }

    /// Lets it do what it was told, and end.
    func finish() throws(BenchFailure) {
        while echoCount < sentCount { try readLine() }
        close(input)
        while let line = process.readLine() { output.append(line) }
        process.reap()
    }

    /// Ends it, whatever it does.
    func kill() {
        process.stop(SIGKILL)
        close(input)
    }

    /// The memory that it holds, in bytes.
    var residentByteCount: Int {
        let file = open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = max(0, read(file, &bytes, bytes.count))
        let figures = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
        let pages = figures.count > 1 ? Int(figures[1]) ?? 0 : 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private func readLine() throws(BenchFailure) {
        guard let line = process.readLine() else {
            throw .lab("the lab ended: \(ChildProcess.lastOutput(output))")
        }
        if line.hasPrefix("> ") { echoCount += 1 }
        output.append(line)
    }

    private static func write(_ line: String, to input: Int32) throws(BenchFailure) {
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .failed("write to the lab") }
            rest = rest.dropFirst(count)
        }
    }
}

extension JSONValue {
    /// The ports in the answer to `connect`.
    fileprivate var ports: [Int] {
        switch self {
        case .object(let members):
            members.flatMap { member -> [Int] in
                if member.name == "port", case .int(let port) = member.value { return [port] }
                return member.value.ports
            }
        case .array(let elements): elements.flatMap(\.ports)
        case .null, .bool, .int, .decimal, .string: []
        }
    }
}
