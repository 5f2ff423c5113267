import Glibc

/// The lines typed before, in a plain text file that several labs may share.
///
/// Not libedit's own history file: that one is emptied when the terminal hangs up, and depends on
/// the locale.
///
/// - `$SHIPLOG_HISTORY`, else `$XDG_STATE_HOME/shiplog/history`, else
///   `~/.local/state/shiplog/history`; an empty `SHIPLOG_HISTORY` means no file. Mode 0600, its
///   folder 0700.
/// - A line is appended when it is accepted, one line a write. ``keptLines`` are kept; older ones
///   go when a lab starts. A file lock keeps labs from losing each other's lines meanwhile.
/// - A line that begins with a space is left out, so is an adjacent repeat.
/// - Trouble is told once, by ``problem``; after that history is simply not kept.
package final class HistoryFile {
    /// How many lines are kept.
    package static let keptLines = 1000

    /// Where the file is; `nil` for no file.
    package let path: String?
    /// Why history is not kept, if so: one line for the start of the session.
    package private(set) var problem: String?

    private var last: String?
    private var loaded: [String] = []

    /// Finds and reads the file that the environment names.
    package convenience init() {
        self.init(path: Self.path(environment: Environment.value))
    }

    /// Reads a file, which need not exist; `nil` keeps history in memory only.
    package init(path: String?) {
        self.path = path
        guard let path else { return }
        Self.createFolders(above: path)
        guard let file = LockedFile(path) else {
            problem = "history is not kept: \(path): \(String(cString: strerror(errno)))"
            return
        }
        loaded = Self.split(file.contents())
        if loaded.count > Self.keptLines {
            loaded.removeFirst(loaded.count - Self.keptLines)
            file.replaceContents(with: loaded.map { $0 + "\n" }.joined())
        }
        last = loaded.last
    }

    /// The lines of the file as it was read, oldest first.
    package func lines() -> [String] { loaded }

    /// Appends an accepted line, unless it is not to be kept or repeats the one before.
    package func append(_ line: String) {
        guard Self.isWorthKeeping(line), line != last else { return }
        last = line
        guard let path, problem == nil, let file = LockedFile(path) else { return }
        file.append(line + "\n")
    }

    /// Whether a line belongs into a history: not empty, not begun with a space, one line.
    package static func isWorthKeeping(_ line: String) -> Bool {
        guard let first = line.utf8.first, first != UInt8(ascii: " ") else { return false }
        return !line.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == 0 }
    }

    /// The file an environment asks for; `nil` for none.
    static func path(environment: (String) -> String?) -> String? {
        if let path = environment("SHIPLOG_HISTORY") { return path.isEmpty ? nil : path }
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            return "\(state)/shiplog/history"
        }
        guard let home = environment("HOME"), !home.isEmpty else { return nil }
        return "\(home)/.local/state/shiplog/history"
    }

    private static func split(_ contents: [UInt8]) -> [String] {
        contents.split(separator: UInt8(ascii: "\n"))
            .map { String(decoding: $0, as: UTF8.self) }.filter(isWorthKeeping)
    }

    private static func createFolders(above path: String) {
        var folder = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
            folder += part + "/"
            if !part.isEmpty { mkdir(folder, 0o700) }
        }
    }
}
