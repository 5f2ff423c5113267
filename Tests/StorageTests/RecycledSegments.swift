import WALFormat

@testable import Storage

/// A node whose log goes on in segments that were used before.
extension TestNode {
    /// Fills two segments in the same manner, lets go of them at a checkpoint, and begins the next
    /// segment: a recycled one, in which each record of the earlier use lies where a record of the
    /// same story will lie.
    mutating func enterRecycledSegment(
        told story: (inout TestNode) throws -> Void = { try $0.fillSegment() }
    ) throws {
        for _ in 0..<2 {
            try story(&self)
            _ = try database.switchSegment()
            try flush()
        }
        try checkpoint()
        try recycle(upTo: 3)
        _ = try database.switchSegment()
        try flush()
    }

    /// Lets go of all WAL that recovery does not need; so many segments ahead of the log may get
    /// the files.
    @discardableResult
    func recycle(upTo count: UInt64) throws -> [String] {
        let current = database.segmentSize.number(containing: database.insertLSN)
        let answer = directory.perform(
            .removeWAL(before: database.insertLSN, recyclingUpTo: current + count))
        guard case .segmentsRemoved(_, let names) = answer else { throw Unexpected.result(answer) }
        return names
    }

    /// Much log, beyond the first zone that is zeroed, and few pages.
    mutating func fillSegment() throws {
        let value = String(repeating: "old", count: 1500)
        for number in 0..<60 {
            try set("old\(number % 2)", value)
            if number.isMultiple(of: 4) { _ = try database.vacuum() }
        }
    }

    /// The file that holds the log's end.
    var currentSegment: String {
        let number = database.segmentSize.number(containing: database.insertLSN)
        let name = SegmentName(timeline: database.timeline, number: number)
        return "pg_wal/" + name.fileName(database.segmentSize)
    }
}

extension MemoryFileSystem {
    /// The segment files, by name.
    var segmentNames: [String] {
        snapshot.keys.filter { $0.hasPrefix("pg_wal/0") && $0.utf8.count == 31 }.sorted()
            .map { String($0.dropFirst(7)) }
    }

    /// How many pages of a segment file hold log of an earlier use.
    func stalePageCount(_ path: String) -> Int {
        guard let name = SegmentName(fileName: path.dropFirst(7), size: .oneMebibyte) else {
            return 0
        }
        let start = SegmentSize.oneMebibyte.start(of: name.number)
        return (snapshot[path] ?? []).pages(at: start, .oneMebibyte).count { use in
            if case .stale = use { true } else { false }
        }
    }
}
