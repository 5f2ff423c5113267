/// What came of asking for a line.
package enum LineResult: Hashable, Sendable {
    /// A line without its end.
    case line(String)
    /// ^C (or SIGINT): the line was dropped, ask for the next.
    case cancelled
    /// ^D on an empty line, the end of a pipe, or a terminal that went away.
    case endOfInput
    /// A line of more than `limit` bytes; it was skipped, the next one can be read.
    case tooLong(limit: Int)
    /// A line of a file or pipe that is no UTF-8: whatever was made of it would not be what was
    /// meant. (The editor takes no such bytes.)
    case notText
    /// Reading failed with this `errno`.
    case failed(errno: Int32)
}
