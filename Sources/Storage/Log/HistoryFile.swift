internal import WALFormat

/// The file `NNNNNNNN.history`: the history as PostgreSQL writes it, and behind it a comment, which
/// PostgreSQL passes over, with the checksum of the timeline and the history. Which log is a node's
/// hangs on a few digits there, and nothing else would tell when one of them is another.
///
/// ```
/// 1 TAB 0/1011B8 TAB no recovery target specified
/// # CRC-32C 5f3a09c1
/// ```
enum HistoryFile {
    /// The file's bytes.
    static func bytes(_ history: TimelineHistory, of timeline: Timeline) -> [UInt8] {
        let text = history.description
        let checksum = CRC32C.checksum(of: Array("\(timeline)\n\(text)".utf8))
        let digits = String(checksum, radix: 16)
        let zeros = String(repeating: "0", count: 8 - digits.utf8.count)
        return Array("\(text)# CRC-32C \(zeros)\(digits)\n".utf8)
    }

    /// The history in a file; nil unless the file is, byte for byte, what is written there.
    static func history(of timeline: Timeline, in bytes: [UInt8]) -> TimelineHistory? {
        guard
            let history = try? TimelineHistory(parsing: String(decoding: bytes, as: UTF8.self)),
            let parent = history.entries.last, parent.timeline < timeline,
            Self.bytes(history, of: timeline) == bytes
        else { return nil }
        return history
    }
}
