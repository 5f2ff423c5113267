/// What came of asking for a line.
public enum LineResult: Hashable, Sendable {
    /// A line without its end, repaired to valid UTF-8.
    case line(String)
    /// ^C (or SIGINT): the line was dropped, ask for the next.
    case cancelled
    /// ^D on an empty line, the end of a pipe, or a terminal that went away.
    case endOfInput
    /// A line of more than `limit` bytes; it was skipped, the next one can be read.
    case tooLong(limit: Int)
    /// Reading failed with this `errno`.
    case failed(errno: Int32)
}
