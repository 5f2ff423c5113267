import Foundation
import Glibc
import Synchronization

@testable import Terminal

/// A terminal with no window: a prompt edits on one end, the test types and looks at the other.
///
/// Nothing here sleeps: every wait is for text or a result, and gives up only when the machine is
/// broken.
final class PseudoTerminal: Sendable {
    private let keyboard: Int32
    let slave: Int32
    private let shown = Mutex<[UInt8]>([])

    private static let unlockRequest: UInt = 0x4004_5431
    private static let numberRequest: UInt = 0x8004_5430

    init() throws {
        // Linux's own way: Swift does not see posix_openpt, which hides behind a feature macro, nor
        // the names TIOCSPTLCK and TIOCGPTN.
        keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var isLocked: Int32 = 0
        var number: Int32 = 0
        guard ioctl(keyboard, Self.unlockRequest, &isLocked) == 0,
            ioctl(keyboard, Self.numberRequest, &number) == 0
        else { throw Trouble.system(errno) }
        slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard slave >= 0 else { throw Trouble.system(errno) }
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
    }

    deinit {
        close(keyboard)
        close(slave)
    }

    enum Trouble: Error {
        case system(Int32)
        case notShown(String, shown: String)
    }

    /// Types text, or keys as their bytes.
    func type(_ text: String) {
        Descriptor.write(Array(text.utf8), to: keyboard)
    }

    /// Types bytes that are no text.
    func type(bytes: [UInt8]) {
        Descriptor.write(bytes, to: keyboard)
    }

    /// Waits until the terminal has been sent `text`, and forgets all up to its end.
    func wait(for text: String) throws {
        let wanted = Array(text.utf8)
        while !forget(through: wanted) {
            var poller = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 20_000) > 0, let bytes = Descriptor.read(keyboard, upTo: 4096)
            else {
                throw Trouble.notShown(
                    text, shown: shown.withLock { String(decoding: $0, as: UTF8.self) })
            }
            shown.withLock { $0 += bytes }
        }
    }

    private func forget(through wanted: [UInt8]) -> Bool {
        shown.withLock { bytes in
            guard let at = bytes.firstRange(of: wanted) else { return false }
            bytes.removeSubrange(..<at.upperBound)
            return true
        }
    }
}

/// A prompt on a pseudo terminal, edited on a thread of its own; its results come one by one.
final class PromptSession: Sendable {
    let terminal: PseudoTerminal
    private let results = Mutex<[LineResult]>([])
    private let arrived = DispatchSemaphore(value: 0)

    /// How many lines were asked for and given: the prompt of line 3 is `3> `.
    private let finished = Mutex(0)

    /// Starts a prompt that reads until its end of input.
    init(
        historyPath: String? = nil,
        completer: @escaping @Sendable (String, Int) -> LineEditor.Offer = { _, _ in
            LineEditor.Offer(typed: "", candidates: [])
        },
        hinter: @escaping @Sendable (String) -> String = { _ in "" }
    ) throws {
        terminal = try PseudoTerminal()
        Thread { [self] in
            guard
                let editor = try? LineEditor(
                    input: terminal.slave, output: terminal.slave, terminal: "xterm",
                    readsUserSettings: false, history: HistoryFile(path: historyPath),
                    usesColor: true,
                    completer: completer, hinter: hinter)
            else { return deliver(.failed(errno: errno)) }
            var last = LineResult.cancelled
            var number = 0
            repeat {
                editor.setPrompt("\(number)> ")
                last = editor.readLine()
                number += 1
                deliver(last)
            } while last != .endOfInput
        }.start()
        try terminal.wait(for: "0> ")
    }

    private func deliver(_ result: LineResult) {
        results.withLock { $0.append(result) }
        arrived.signal()
    }

    /// The next result, `nil` only when none comes. Waits for the next prompt too: what is typed
    /// before it, the terminal itself would still work on.
    func next() -> LineResult? {
        guard arrived.wait(timeout: .now() + 20) == .success else { return nil }
        let result = results.withLock { $0.removeFirst() }
        let number = finished.withLock { count in
            count += 1
            return count
        }
        if result != .endOfInput { try? terminal.wait(for: "\(number)> ") }
        return result
    }

    /// Types keys and gives the result they lead to.
    func result(of keys: String) -> LineResult? {
        terminal.type(keys)
        return next()
    }

    /// Ends the session, so that libedit is free for the next.
    func end() -> LineResult? { result(of: "\u{4}") }
}
