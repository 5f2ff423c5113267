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
    private static let trailerByteCount = 19

    /// The file's bytes.
    static func bytes(_ history: TimelineHistory, of timeline: Timeline) -> [UInt8] {
        let text = Array(history.description.utf8)
        return text + trailer(of: text, timeline)
    }

    /// Whether the file is, to the bit, as it was written.
    static func isWhole(_ bytes: [UInt8], of timeline: Timeline) -> Bool {
        let text = bytes.dropLast(trailerByteCount)
        return !text.isEmpty && bytes[text.endIndex...].elementsEqual(trailer(of: text, timeline))
    }

    /// The history in a file; nil unless the file is whole.
    static func history(of timeline: Timeline, in bytes: [UInt8]) -> TimelineHistory? {
        guard isWhole(bytes, of: timeline),
            let history = try? TimelineHistory(parsing: String(decoding: bytes, as: UTF8.self)),
            let parent = history.entries.last, parent.timeline < timeline
        else { return nil }
        return history
    }

    private static func trailer(of text: some Sequence<UInt8>, _ timeline: Timeline) -> [UInt8] {
        let checksum = CRC32C.checksum(of: Array("\(timeline)\n".utf8) + text)
        return Array("# CRC-32C \(CRC32C.digits(checksum))\n".utf8)
    }
}
