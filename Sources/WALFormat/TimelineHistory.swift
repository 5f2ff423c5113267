/// The ancestors of a timeline and where each was left for the next. PostgreSQL: the file
/// `NNNNNNNN.history`, one line `timeline TAB switchpoint TAB reason` per ancestor, oldest first.
///
/// - Timelines rise from entry to entry.
/// - It prints as PostgreSQL writes it, with the empty line that PostgreSQL puts before each line
///   but the first.
public struct TimelineHistory: Hashable, Sendable, CustomStringConvertible {
    /// One ancestor.
    public struct Entry: Hashable, Sendable {
        /// The ancestor.
        public let timeline: Timeline
        /// The first position that is no longer the ancestor's.
        public let switchpoint: LSN
        /// Why it was left, for people to read; one line.
        public let reason: String

        /// An ancestor left at `switchpoint`. Line ends in the reason become spaces.
        public init(timeline: Timeline, switchpoint: LSN, reason: String) {
            self.timeline = timeline
            self.switchpoint = switchpoint
            let isPlain = reason.utf8.allSatisfy { (0x20..<0x80).contains($0) }
            self.reason = isPlain ? reason : String(reason.map { $0.isNewline ? " " : $0 })
        }
    }

    /// Why a text is not a history. The offending line is in each case.
    public enum ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// Not a timeline and a switchpoint.
        case malformedLine(String)
        /// A timeline that is not later than the one before it.
        case timelineOutOfOrder(String)

        /// One line.
        public var description: String {
            switch self {
            case .malformedLine(let line): "\"\(line)\" is no timeline and switchpoint"
            case .timelineOutOfOrder(let line):
                "\"\(line)\" is not of a later timeline than the line before"
            }
        }
    }

    /// The ancestors, oldest first.
    public private(set) var entries: [Entry] = []

    /// The history of the first timeline: it has no ancestors, and no file.
    public init() {}

    /// Reads a history file. Empty lines and lines that begin with `#` count for nothing.
    public init(parsing text: String) throws(ParseError) {
        for line in text.utf8.split(whereSeparator: { (10...13).contains($0) }) {
            let content = line.drop(while: Self.isBlank)
            if content.isEmpty || content.first == UInt8(ascii: "#") { continue }
            let fields = content.split(maxSplits: 2, whereSeparator: Self.isBlank)
            guard fields.count >= 2, let number = UInt32(Substring(fields[0])), number > 0,
                let switchpoint = LSN(Substring(fields[1]))
            else { throw .malformedLine(String(Substring(line))) }
            if let last = entries.last, last.timeline.rawValue >= number {
                throw .timelineOutOfOrder(String(Substring(line)))
            }
            entries.append(
                Entry(
                    timeline: Timeline(number), switchpoint: switchpoint,
                    reason: fields.count > 2 ? String(Substring(fields[2])) : ""))
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// Where the log stops being `timeline`'s; `nil` if it is not an ancestor.
    public func switchpoint(of timeline: Timeline) -> LSN? {
        entries.first { $0.timeline == timeline }?.switchpoint
    }

    /// Adds the timeline that a promotion leaves; it must be later than all others here.
    public mutating func append(timeline: Timeline, switchpoint: LSN, reason: String) {
        precondition(entries.last.map { $0.timeline < timeline } ?? true, "timelines must rise")
        entries.append(Entry(timeline: timeline, switchpoint: switchpoint, reason: reason))
    }

    /// This history and one more ancestor, the timeline that a promotion leaves.
    public func appending(
        timeline: Timeline, switchpoint: LSN, reason: String
    ) -> TimelineHistory {
        var longer = self
        longer.append(timeline: timeline, switchpoint: switchpoint, reason: reason)
        return longer
    }

    /// The file's text.
    public var description: String {
        entries.map { "\($0.timeline)\t\($0.switchpoint)\t\($0.reason)\n" }.joined(separator: "\n")
    }

    /// The name of the file that holds the history of `timeline`, such as `00000002.history`.
    public static func fileName(_ timeline: Timeline) -> String {
        timeline.rawValue.eightDigits + ".history"
    }
}
