import CommandLanguage
import Glibc
import Session
import Terminal

/// A terminal on which a command draws the same again and again: each frame in the place of the
/// last, with a pause of real time behind it that ^C ends.
///
/// - A terminal that cannot move its cursor (`TERM=dumb`) shows the frames one below the other.
/// - A frame that is higher than the terminal is cut: what has scrolled away cannot be drawn over.
final class Redrawing {
    private let output = Output.standardOutput
    private let movesCursor: Bool
    /// How many rows of the terminal the last frame took.
    private var height = 0

    init() {
        movesCursor = getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
    }

    /// Nil where standard output is no terminal.
    static var screen: Screen? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        let redrawing = Redrawing()
        return Screen { staying, frame, pause in redrawing.draw(staying, frame, for: pause) }
    }

    private func draw(_ staying: [String], _ frame: [String], for pause: Duration) -> Bool {
        let (shown, rows) = movesCursor ? cut(frame) : (frame, 0)
        let back = height > 0 ? "\u{1b}[\(height)A\r\u{1b}[J" : ""
        height = rows
        do throws(OutputError) {
            output.show(back)
            try output.print(staying + shown)
        } catch {
            return false
        }
        return Self.isUndisturbed(for: pause)
    }

    /// As much of a frame as the terminal has room for above the cursor, and its height there.
    private func cut(_ frame: [String]) -> (lines: [String], height: Int) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        let columns = isKnown && size.ws_col > 0 ? Int(size.ws_col) : TerminalSize.defaultColumns
        let room = isKnown && size.ws_row > 2 ? Int(size.ws_row) - 1 : Int.max
        var (lines, height): ([String], Int) = ([], 0)
        for line in frame {
            let rows = max(1, (DisplayWidth.of(line) + columns - 1) / columns)
            guard height + rows <= room else { break }
            lines.append(line)
            height += rows
        }
        return (lines, height)
    }

    /// Waits for ^C, and so long at most. True: it was not pressed.
    private static func isUndisturbed(for pause: Duration) -> Bool {
        let end = ContinuousClock.now.advanced(by: pause)
        while !InterruptFlag.isRaised {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return true }
            // No signal reaches this thread: the flag is looked at now and then.
            poll(nil, 0, Int32(min(left, .milliseconds(20)) / .milliseconds(1)) + 1)
        }
        return false
    }
}
