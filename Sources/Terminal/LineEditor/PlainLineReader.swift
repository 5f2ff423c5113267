import Glibc

/// Lines from a pipe or a file: no prompt, no echo, no editing.
///
/// - A line is delivered as soon as its end has arrived, so a program can talk with the lab through
///   pipes.
/// - A last line without an end counts. A carriage return before the end and a byte order mark at
///   the beginning are dropped.
/// - A line beyond ``limit`` bytes is never held: it is skipped and reported.
package struct PlainLineReader {
    /// The longest line in bytes: 1 MiB.
    package static let limit = 1 << 20

    private let descriptor: Int32
    private let limit: Int
    private var buffer: [UInt8] = []
    /// Where in `buffer` the next line begins.
    private var start = 0
    /// The bytes of `buffer` from `start` up to here are known to hold no line end.
    private var scanned = 0
    private var isSkipping = false
    private var hasEnded = false
    private var isAtStart = true

    /// Reads from a descriptor, standard input unless told otherwise; it is not closed.
    package init(descriptor: Int32 = 0) {
        self.init(descriptor: descriptor, limit: Self.limit)
    }

    init(descriptor: Int32, limit: Int) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// Waits for the next line. A raised ``InterruptFlag`` ends the wait with
    /// ``LineResult/cancelled``.
    package mutating func readLine() -> LineResult {
        while true {
            if let result = takeLine() { return result }
            if hasEnded { return takeRest() }
            if let failure = fill() { return failure }
        }
    }

    private mutating func takeLine() -> LineResult? {
        guard let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
            if buffer.count - start > limit {
                isSkipping = true
                start = buffer.count
            }
            scanned = buffer.count
            return nil
        }
        defer { (start, scanned) = (end + 1, end + 1) }
        return finish(buffer[start..<end])
    }

    private mutating func takeRest() -> LineResult {
        guard start < buffer.count || isSkipping else { return .endOfInput }
        defer { start = buffer.count }
        return finish(buffer[start...])
    }

    private mutating func finish(_ bytes: ArraySlice<UInt8>) -> LineResult {
        if isSkipping || bytes.count > limit {
            isSkipping = false
            isAtStart = false
            return .tooLong(limit: limit)
        }
        var line = bytes
        if isAtStart, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        isAtStart = false
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return String(validating: line, as: UTF8.self).map(LineResult.line) ?? .notText
    }

    /// Reads what is there, at least a byte or the end.
    private mutating func fill() -> LineResult? {
        if let bytes = Descriptor.read(descriptor, upTo: 65_536) {
            hasEnded = bytes.isEmpty
            buffer.removeSubrange(..<start)
            (start, scanned) = (0, scanned - start)
            buffer += bytes
            return nil
        }
        if errno != EINTR { return .failed(errno: errno) }
        return InterruptFlag.isRaised ? .cancelled : nil
    }
}
