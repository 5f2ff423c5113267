import WALFormat

/// The WAL that a node made durable since it was last at rest, so that its senders pass on what the
/// disk has just taken without asking it back. PostgreSQL 17 and later: `WALReadFromBuffers`.
///
/// - It is one stretch without a gap, and what it holds is durable.
/// - At most `byteCount` bytes; the oldest go first.
/// - A node at rest holds none: a replica that was away is served from the disk.
struct RecentWAL {
    /// As much as a sender hands to its socket in one go.
    static let byteCount = 1 << 20

    private var pieces: [(at: LSN, bytes: [UInt8])] = []
    private var heldByteCount = 0

    /// Takes note of what became durable.
    mutating func append(at lsn: LSN, _ bytes: [UInt8]) {
        if let last = pieces.last, last.at.advanced(by: last.bytes.count) != lsn { clear() }
        pieces.append((lsn, bytes))
        heldByteCount += bytes.count
        while heldByteCount > Self.byteCount {
            heldByteCount -= pieces.removeFirst().bytes.count
        }
    }

    /// All the bytes asked for; nil when some are not here.
    func bytes(from: LSN, upTo: LSN) -> [UInt8]? {
        guard let first = pieces.first, let last = pieces.last, first.at <= from, from < upTo,
            upTo <= last.at.advanced(by: last.bytes.count)
        else { return nil }
        var found: [UInt8] = []
        for (at, bytes) in pieces {
            let end = at.advanced(by: bytes.count)
            guard end > from, at < upTo else { continue }
            found += bytes[max(0, from - at)..<bytes.count - max(0, end - upTo)]
        }
        return found
    }

    /// Lets go of everything.
    mutating func clear() {
        pieces = []
        heldByteCount = 0
    }
}
