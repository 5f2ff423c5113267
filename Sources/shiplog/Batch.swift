import CommandLanguage
import Session
import Terminal

/// Commands that nobody types: no prompt, no banner, no colour unless asked for; the first that
/// fails is the last, unless told to go on.
///
/// - Results go to standard output, diagnostics to standard error; under `--json` both are objects
///   on standard output.
/// - With `--echo` all goes to standard output, each command before what it printed and marked `!`
///   when it failed: the body of a transcript's fence. Comments and blank lines are left out.
struct Batch {
    private let session: Session
    private let process: LabProcess
    private let manner: Manner
    private let echoes: Bool
    private let highlighting: Highlighting
    private let output = Output.standardOutput
    private let diagnostics = Output.standardError

    init(_ session: Session, in process: LabProcess, manner: Manner, echoes: Bool) {
        self.session = session
        self.process = process
        self.manner = manner
        self.echoes = echoes
        highlighting = Highlighting(isOn: manner.color == .always && !manner.asJSON)
    }

    /// Runs the scripts one after the other, then ends the process.
    func run(_ scripts: [Script]) -> Never {
        var status = ExitStatus.success
        do throws(OutputError) {
            for var script in scripts {
                let ending = try run(&script)
                if ending.status != ExitStatus.success { status = ending.status }
                if ending.isLast { break }
            }
        } catch {
            status = error.report()
        }
        process.end(status)
    }

    /// How a script ended.
    private struct Ending {
        var status = ExitStatus.success
        /// No further script is to be run.
        var isLast = false
    }

    private func run(_ script: inout Script) throws(OutputError) -> Ending {
        var ending = Ending()
        while true {
            switch script.readLine() {
            case .line(let line):
                guard line.isCommand else { continue }
                let outcome = try run(line, at: script.place)
                if outcome.failed { ending.status = ExitStatus.failed }
                ending.isLast = outcome.quit || (outcome.failed && !manner.keepsGoing)
            case .tooLong(let limit):
                diagnostics.report([
                    "error: \(script.name): line \(script.lineNumber) has more than \(limit) bytes"
                ])
                ending = Ending(status: ExitStatus.failed, isLast: !manner.keepsGoing)
            case .notText:
                diagnostics.report([
                    "error: \(script.name): line \(script.lineNumber) is no UTF-8 text"
                ])
                ending = Ending(status: ExitStatus.failed, isLast: !manner.keepsGoing)
            case .failed(let errno):
                diagnostics.report(
                    ScriptError.unreadable(path: script.name, errno: errno).lines)
                return Ending(status: ExitStatus.couldNotStart, isLast: true)
            case .cancelled: continue
            case .endOfInput: return ending
            }
            if ending.isLast { return ending }
        }
    }

    private func run(_ line: String, at place: String?) throws(OutputError) -> LineOutcome {
        let command = line.trimmed.escapedForDisplay
        var failure: OutputError?
        let hear = { (lines: [String]) in
            let hasFailed = lines.contains(where: \.isDiagnostic)
            do throws(OutputError) {
                try show(LineOutcome(lines: lines, failed: hasFailed), of: command, at: place)
            } catch { failure = error }
            return failure == nil
        }
        let outcome = process.run {
            // A transcript has each command before what it says, so it hears all at the end.
            session.run(
                line, asJSON: manner.asJSON, keepsGoing: manner.keepsGoing,
                hear: echoes ? nil : hear, screen: Redrawing.screen)
        }
        if let failure { throw failure }
        try show(outcome, of: command, at: place)
        process.endIfAsked()
        return outcome
    }

    private func show(
        _ outcome: LineOutcome, of command: String, at place: String?
    ) throws(OutputError) {
        if echoes {
            let mark = outcome.failed ? "> ! " : "> "
            try output.print([mark + command])
        }
        let lines = outcome.lines.map(highlighting.shown)
        guard outcome.failed, !echoes, !manner.asJSON else { return try output.print(lines) }
        try output.print(zip(outcome.lines, lines).filter { !$0.0.isDiagnostic }.map(\.1))
        // Said once, before the first: a long script has many lines that may have failed.
        if let place { diagnostics.report(["\(place): \(command)"]) }
        diagnostics.report(zip(outcome.lines, lines).filter { $0.0.isDiagnostic }.map(\.1))
    }
}

extension String {
    /// Without blanks around it.
    fileprivate var trimmed: String {
        let rest = drop(while: \.isWhitespace)
        return String(rest.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Neither blank nor a comment.
    fileprivate var isCommand: Bool {
        let first = first { !$0.isWhitespace }
        return first != nil && first != "#"
    }

    /// Whether a failed command said by this line what is wrong, or what to type instead.
    fileprivate var isDiagnostic: Bool { hasPrefix("error: ") || hasPrefix("try: ") }
}
