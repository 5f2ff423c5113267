import CommandLanguage
import Glibc
import Session
import Terminal

/// A person at the prompt: lines are edited, answered and forgotten; nothing ends the lab but
/// `quit`, ^D, and a terminal that goes away.
struct Conversation {
    private let session: Session
    private let process: LabProcess
    private let manner: Manner
    private let isQuiet: Bool
    private let highlighting: Highlighting
    private let output = Output.standardOutput

    init(_ session: Session, in process: LabProcess, manner: Manner, isQuiet: Bool) {
        self.session = session
        self.process = process
        self.manner = manner
        self.isQuiet = isQuiet
        highlighting = Highlighting(
            isOn: manner.color.usesColor(descriptor: STDOUT_FILENO) && !manner.asJSON)
    }

    /// Talks until there is nothing more to say, then ends the process.
    func run() -> Never {
        let status: Int32
        do throws(OutputError) {
            status = try talk()
        } catch {
            status = error.report()
        }
        process.end(status)
    }

    private func talk() throws(OutputError) -> Int32 {
        let history = HistoryFile()
        if !isQuiet { try output.print(process.look { session.greeting }) }
        if let problem = history.problem { try output.print([problem]) }
        let editor: LineEditor
        do throws(TerminalError) { editor = try makeEditor(history) } catch {
            return report("the prompt cannot be shown", error)
        }
        while true {
            let news = manner.asJSON ? nil : process.look { session.outsideNews() }
            try output.print(news.map { [$0] } ?? [])
            editor.setPrompt(process.look { session.prompt })
            switch editor.readLine() {
            case .line(let line):
                guard line.contains(where: { !$0.isWhitespace }) else { continue }
                if try answer(line) { return ExitStatus.success }
            case .cancelled: continue
            case .endOfInput: return ExitStatus.success
            case .tooLong(let limit):
                try output.print(["error: a line has at most \(limit) bytes"])
            case .notText:
                try output.print(["error: this line is no UTF-8 text", "try: type it anew"])
            case .failed(EIO): return ExitStatus.ended(by: SIGHUP)
            case .failed(let errno): return report("no line can be read", .cannotEdit(errno: errno))
            }
        }
    }

    /// Whether the line ended the session.
    private func answer(_ line: String) throws(OutputError) -> Bool {
        var failure: OutputError?
        let outcome = process.run {
            session.run(
                line, asJSON: manner.asJSON, isInteractive: true, keepsGoing: manner.keepsGoing,
                hear: { lines in
                    do throws(OutputError) { try show(lines) } catch { failure = error }
                    return failure == nil
                }, screen: Redrawing.screen)
        }
        if let failure { throw failure }
        try show(outcome.lines)
        process.endIfAsked()
        return outcome.quit
    }

    private func show(_ lines: [String]) throws(OutputError) {
        // The terminal showed ^C where the cursor was.
        if InterruptFlag.take() { try output.print([""]) }
        try output.print(lines.map(highlighting.shown))
    }

    private func makeEditor(_ history: HistoryFile) throws(TerminalError) -> LineEditor {
        try LineEditor(
            history: history, usesColor: highlighting.isOn,
            completer: { line, cursor in
                let (typed, candidates) = process.look {
                    session.completion(line: line, cursor: cursor)
                }
                return LineEditor.Offer(typed: typed, candidates: candidates)
            },
            hinter: { line in process.look { session.hint(line: line) } })
    }

    private func report(_ what: String, _ error: TerminalError) -> Int32 {
        switch error {
        case .cannotEdit(let errno):
            Output.standardError.report([
                "error: \(what): \(String(cString: strerror(errno)))",
                "try: commands from a file or a pipe, such as: shiplog -f FILE",
            ])
            return ExitStatus.couldNotStart
        }
    }
}
