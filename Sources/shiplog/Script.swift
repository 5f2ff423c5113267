import Glibc
import Terminal

/// Where commands come from when nobody types them.
enum ScriptSource: Hashable {
    /// The text of a `-c`: a line, or several.
    case command(String)
    /// `-f FILE`
    case file(String)
    /// `-f -`, or neither `-c` nor `-f`
    case standardInput
}

/// Lines of commands from one source, one after the other.
///
/// - A file is open from the beginning: what cannot be read is known before the lab starts.
/// - Lines are numbered from 1, blank ones and comments too.
struct Script {
    let source: ScriptSource
    /// The number of the line read last.
    private(set) var lineNumber = 0

    private enum Input {
        case lines(ArraySlice<Substring>)
        case reader(PlainLineReader)
    }
    private var input: Input

    init(_ source: ScriptSource) throws(ScriptError) {
        self.source = source
        input =
            switch source {
            case .command(let text):
                .lines(text.split(separator: "\n", omittingEmptySubsequences: false)[...])
            case .file(let path): .reader(PlainLineReader(descriptor: try Self.open(path)))
            case .standardInput: .reader(PlainLineReader())
            }
    }

    /// The file stays open to the end of the process: a script is read once.
    private static func open(_ path: String) throws(ScriptError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        var status = stat()
        guard fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR else {
            throw .unreadable(path: path, errno: EISDIR)
        }
        return descriptor
    }

    /// The next line, blank ones included.
    mutating func readLine() -> LineResult {
        lineNumber += 1
        switch input {
        case .lines(let rest):
            guard let line = rest.first else { return .endOfInput }
            input = .lines(rest.dropFirst())
            return .line(String(line))
        case .reader(var reader):
            let result = reader.readLine()
            input = .reader(reader)
            return result
        }
    }

    /// `demo.txt:12`, where a reader of diagnostics needs to be told; nil for the others.
    var place: String? {
        switch source {
        case .file(let path): "\(path):\(lineNumber)"
        case .command, .standardInput: nil
        }
    }

    /// What the source is called in a message.
    var name: String {
        switch source {
        case .command: "-c"
        case .file(let path): path
        case .standardInput: "standard input"
        }
    }
}

/// Why a script cannot be run.
enum ScriptError: Error, Hashable, CustomStringConvertible {
    /// The system refuses to read the file.
    case unreadable(path: String, errno: Int32)

    var description: String {
        switch self {
        case .unreadable(let path, let errno): "\(path): \(String(cString: strerror(errno)))"
        }
    }

    /// What is wrong and what to do, as the lab's commands say it.
    var lines: [String] {
        switch self {
        case .unreadable:
            [
                "error: \(description)",
                "try: -f with the name of a readable file, or -f - for standard input",
            ]
        }
    }
}
