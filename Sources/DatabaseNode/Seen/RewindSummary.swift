package import Storage
package import WALFormat

/// What a rewind did, or would do.
package struct RewindSummary: Hashable, Sendable {
    package let plan: RewindPlan
    /// The source's timeline.
    package let timeline: Timeline
    /// Pages of the table that are copied.
    package let blockCount: Int
    /// Pages of the source's table.
    package let pageCount: Int
    /// Bytes of pages and `pg_xact` that have come.
    package private(set) var byteCount = 0
    /// Bytes of log that have come, with the histories.
    package private(set) var walByteCount = 0
    /// Where the source's log was when all the rest had come: consistent from there on.
    package internal(set) var end: LSN?

    init(_ plan: RewindPlan, _ source: RewindSource, blockCount: Int) {
        self.plan = plan
        timeline = source.lineage.current
        self.blockCount = blockCount
        pageCount = Int(source.control.files.pageCount)
    }

    mutating func add(_ path: String, _ count: Int) {
        if path.hasPrefix("pg_wal/") { walByteCount += count } else { byteCount += count }
    }
}
