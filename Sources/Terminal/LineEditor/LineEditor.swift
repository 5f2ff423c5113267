import CLineEditor
import Glibc

/// The interactive prompt: libedit behind a small Swift face.
///
/// Not a reader of pipes (``PlainLineReader`` is), and it knows nothing of commands: completion and
/// hints come from outside as closures over plain text.
///
/// - Only for a terminal on both descriptors, and only on the thread that made it: the main thread
///   in the lab. Nothing else may print while a line is being read.
/// - ^C never ends the process and never raises a signal; ^Z stops and resumes it.
/// - Prompt and hint are ASCII; other characters in them become `?`, because libedit crashes on
///   them under `LC_ALL=C`.
/// - An accepted line is in the history, and in the history file, before ``readLine()`` returns.
package final class LineEditor {
    /// What TAB can put before the cursor.
    package struct Offer {
        /// The text to replace, as it stands before the cursor.
        package var typed: String
        /// The words that may replace it.
        package var candidates: [String]

        /// Makes an offer.
        package init(typed: String, candidates: [String]) {
            self.typed = typed
            self.candidates = candidates
        }
    }

    /// Answers TAB: given the line and the cursor's UTF-8 offset in it.
    package typealias Completer = (_ line: String, _ cursor: Int) -> Offer
    /// Gives the reminder shown dim at the right edge for a line; empty for none.
    package typealias Hinter = (_ line: String) -> String

    private let editor: OpaquePointer
    private let history: HistoryFile
    private let completer: Completer?
    private let hinter: Hinter?
    private let usesColor: Bool
    private let outputDescriptor: Int32

    /// Takes over the terminal on standard input and output; throws when it cannot be edited on.
    ///
    /// `usesColor` decides whether the hint is dim or plain. `history` is read at once.
    package convenience init(
        history: HistoryFile, usesColor: Bool = true, completer: Completer? = nil,
        hinter: Hinter? = nil
    ) throws(TerminalError) {
        try self.init(
            input: STDIN_FILENO, output: STDOUT_FILENO, terminal: nil, readsUserSettings: true,
            history: history, usesColor: usesColor, completer: completer, hinter: hinter)
    }

    /// The same on other descriptors: tests edit on pseudo terminals.
    init(
        input: Int32, output: Int32, terminal: String?, readsUserSettings: Bool,
        history: HistoryFile, usesColor: Bool, completer: Completer?, hinter: Hinter?
    ) throws(TerminalError) {
        guard let editor = cle_open("shiplog", input, output, terminal, readsUserSettings) else {
            throw .cannotEdit(errno: errno)
        }
        self.editor = editor
        self.history = history
        self.completer = completer
        self.hinter = hinter
        self.usesColor = usesColor
        outputDescriptor = output
        for line in history.lines() { cle_add_history(editor, line) }
        cle_set_callbacks(
            editor, Unmanaged.passUnretained(self).toOpaque(),
            completer == nil ? nil : { LineEditor.from($0)?.complete() },
            hinter == nil ? nil : { LineEditor.from($0)?.hint() })
    }

    deinit {
        cle_close(editor)
    }

    /// Sets what the next line is asked with, such as `p r1 r2> `; ASCII.
    package func setPrompt(_ prompt: String) {
        cle_set_prompt(editor, prompt)
    }

    /// Lets the user edit a line and waits for it. The terminal is in its ordinary state before and
    /// after.
    package func readLine() -> LineResult {
        let result = cle_read(editor)
        // A SIGINT sent from outside meanwhile must not cancel the command that this line starts.
        _ = InterruptFlag.take()
        switch result {
        case CLE_LINE:
            let line = currentLine.text
            remember(line)
            return .line(line)
        case CLE_CANCELLED: return .cancelled
        case CLE_END: return .endOfInput
        default: return .failed(errno: cle_error(editor))
        }
    }

    private func remember(_ line: String) {
        guard HistoryFile.isWorthKeeping(line) else { return }
        cle_add_history(editor, line)
        history.append(line)
    }

    private var currentLine: (text: String, cursor: Int) {
        var length = 0
        var cursor = 0
        guard let bytes = cle_line(editor, &length, &cursor) else { return ("", 0) }
        let text = UnsafeRawBufferPointer(start: bytes, count: length)
        let isWhole = String(validating: text, as: UTF8.self) != nil
        return (String(decoding: text, as: UTF8.self), isWhole ? cursor : length)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> LineEditor? {
        context.map { Unmanaged<LineEditor>.fromOpaque($0).takeUnretainedValue() }
    }

    private func hint() {
        guard let hinter else { return }
        cle_set_hint(editor, hinter(currentLine.text), usesColor)
    }

    private func complete() {
        guard let completer else { return }
        let (line, cursor) = currentLine
        let offer = completer(line, cursor)
        let choice = CompletionChoice(offer)
        if let replacement = choice.replacement {
            cle_replace(editor, Int32(clamping: offer.typed.unicodeScalars.count), replacement)
        }
        guard !choice.listed.isEmpty else { return }
        let columns = TerminalSize.columns(of: outputDescriptor)
        cle_list(
            editor,
            CandidateList.lines(choice.listed, columns: columns).joined(separator: "\n") + "\n")
    }
}

/// Why there is no prompt.
package enum TerminalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The terminal cannot be edited on; `errno` says why.
    case cannotEdit(errno: Int32)

    /// One line, with the system's words.
    package var description: String {
        switch self {
        case .cannotEdit(let errno):
            "lines cannot be edited on this terminal: \(String(cString: strerror(errno)))"
        }
    }
}
