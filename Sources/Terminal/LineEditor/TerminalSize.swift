import CLineEditor
import Glibc

/// How wide the terminal is, asked anew each time, since windows change.
package enum TerminalSize {
    /// The width where there is no terminal to ask: files, pipes and transcripts.
    package static let defaultColumns = 80

    /// The columns of the terminal behind a descriptor (standard output unless told
    /// otherwise), kept within 40...200; 80 when it is none.
    package static func columns(of descriptor: Int32 = 1) -> Int {
        let columns = Int(cle_terminal_columns(descriptor))
        return columns == 0 ? defaultColumns : min(max(columns, 40), 200)
    }

    /// Whether a person is there: standard input and standard output are both terminals.
    package static var isInteractive: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    }
}
