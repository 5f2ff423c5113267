import Foundation
import Glibc

/// A run of the program in a terminal of its own, which has no window: the test types and looks.
///
/// Nothing here sleeps: every wait is for text or an end, and gives up only when the machine is
/// broken.
final class TerminalRun {
    let child: Child
    private var keyboard: Int32
    private let terminal: Int32
    private var shown: [UInt8] = []

    private static let unlockRequest: UInt = 0x4004_5431
    private static let numberRequest: UInt = 0x8004_5430

    /// Starts `shiplog` with arguments.
    init(_ arguments: String..., in home: Home, variables: [String: String] = [:]) throws {
        // Linux's own way: Swift does not see posix_openpt, which hides behind a feature macro, nor
        // the names TIOCSPTLCK and TIOCGPTN.
        keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var isLocked: Int32 = 0
        var number: Int32 = 0
        guard ioctl(keyboard, Self.unlockRequest, &isLocked) == 0,
            ioctl(keyboard, Self.numberRequest, &number) == 0
        else { throw Child.Trouble.system(errno) }
        let path = "/dev/pts/\(number)"
        terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
        child = try Child(
            [Child.path] + arguments, environment: home.environment.merging(variables) { $1 },
            startsSession: true,
            actions: [
                .open(path, as: STDIN_FILENO), .use(STDIN_FILENO, as: STDOUT_FILENO),
                .use(STDIN_FILENO, as: STDERR_FILENO),
            ])
    }

    deinit {
        hangUp()
        close(terminal)
    }

    /// Types text, or keys as their bytes.
    func type(_ keys: String) { Descriptors.write(keys, to: keyboard) }

    /// The terminal goes away, as when its window is closed.
    func hangUp() {
        if keyboard >= 0 { close(keyboard) }
        keyboard = -1
    }

    /// Waits until `text` was shown; forgets all up to its end, and gives what stood before it.
    @discardableResult
    func wait(for text: String) throws -> String {
        while true {
            if let before = take(through: text) { return before }
            guard look() else {
                throw Child.Trouble.notShown(text, shown: String(decoding: shown, as: UTF8.self))
            }
        }
    }

    /// Waits for the prompt, which ends in `> `; gives what stood before it.
    @discardableResult
    func waitForPrompt() throws -> String { try wait(for: "> ") }

    /// Presses a key again and again until `text` is shown: for a key that is lost when it comes
    /// before the terminal is ready for it.
    func press(_ key: String, until text: String) throws {
        for _ in 0..<300 {
            type(key)
            while look(within: 200) {
                if take(through: text) != nil { return }
            }
        }
        throw Child.Trouble.notShown(text, shown: String(decoding: shown, as: UTF8.self))
    }

    /// Whether the terminal edits lines and makes signals of keys, as before any editor.
    var isInOrdinaryState: Bool {
        var settings = termios()
        tcgetattr(terminal, &settings)
        let ordinary = tcflag_t(ICANON | ISIG | ECHO)
        return settings.c_lflag & ordinary == ordinary
    }

    private func look(within patience: Int32 = 60_000) -> Bool {
        guard Descriptors.isReadable(keyboard, within: patience) else { return false }
        let bytes = Descriptors.read(keyboard)
        shown += bytes
        return !bytes.isEmpty
    }

    private func take(through text: String) -> String? {
        guard let at = shown.firstRange(of: Array(text.utf8)) else { return nil }
        defer { shown.removeSubrange(..<at.upperBound) }
        return String(decoding: shown[..<at.lowerBound], as: UTF8.self)
    }
}
