/// The WAL of real commits, cut as the commits cut it: what the bare contestant writes.
struct RecordedWAL: Sendable {
    private(set) var chunks: [[UInt8]] = []

    mutating func append(_ chunk: [UInt8]) { chunks.append(chunk) }

    /// Bytes of one commit, on average.
    var averageByteCount: Double {
        chunks.isEmpty ? 0 : Double(chunks.reduce(0) { $0 + $1.count }) / Double(chunks.count)
    }
}
