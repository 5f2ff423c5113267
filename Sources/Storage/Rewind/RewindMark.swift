internal import WALFormat

/// `rewind.incomplete`: while it is there the directory is half a rewind's and half its own, and no
/// node starts on it. It holds the plan, so that the rewind can be run again: the log that the plan
/// was made from may be gone by then.
///
/// ```
/// SOURCE: r1
/// FORK: 0/101138 OWN END: 0/101738 OWN TIMELINE: 1       one fact a line
/// BLOCKS: 0 3-7                                          pages, as ranges
/// # CRC-32C 5f3a09c1                                     of all before it
/// ```
struct RewindMark: Hashable {
    /// Of whom the directory is being made a replica.
    var source: String
    var plan: RewindPlan

    static func read(_ fileSystem: any FileSystem) throws(OpenFailure) -> RewindMark? {
        let path = DirectoryLayout.incompleteRewind
        let bytes = try opening { () throws(IOFailure) in
            try fileSystem.contentsIfPresent(of: path)
        }
        guard let bytes else { return nil }
        guard let mark = RewindMark(bytes) else {
            throw .damagedFile(path: path, reason: "it is not as a rewind wrote it")
        }
        return mark
    }

    init(source: String, plan: RewindPlan) {
        (self.source, self.plan) = (source, plan)
    }

    init?(_ bytes: [UInt8]) {
        let trailer = Self.trailer([]).count
        guard bytes.count > trailer,
            Array(bytes.suffix(trailer)) == Self.trailer(bytes.dropLast(trailer))
        else { return nil }
        var facts: [Substring: Substring] = [:]
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(separator: "\n") {
            guard let colon = line.firstRange(of: ": ") else { continue }
            facts[line[..<colon.lowerBound]] = line[colon.upperBound...]
        }
        func lsn(_ name: Substring) -> LSN? { facts[name].flatMap { LSN(String($0)) } }
        func number(_ name: Substring) -> UInt32? { facts[name].flatMap { UInt32($0) } }
        guard let source = facts["SOURCE"], let fork = lsn("FORK"), let end = lsn("OWN END"),
            let own = number("OWN TIMELINE"), let checkpoint = lsn("CHECKPOINT"),
            let redo = lsn("REDO"), let timeline = number("TIMELINE"), let count = number("PAGES"),
            let blocks = Self.blocks(facts["BLOCKS"] ?? "")
        else { return nil }
        self.source = String(source)
        plan = RewindPlan(
            fork: fork, ownEnd: end, ownTimeline: Timeline(own), checkpoint: checkpoint,
            redo: redo, timeline: Timeline(timeline), blocks: blocks, pageCount: count)
    }

    var bytes: [UInt8] {
        let ranges = plan.blocks.ranges.map { range in
            range.count == 1
                ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound - 1)"
        }
        let text = """
            \(DirectoryLayout.rewindSource)\(source)
            FORK: \(plan.fork)
            OWN END: \(plan.ownEnd)
            OWN TIMELINE: \(plan.ownTimeline.rawValue)
            CHECKPOINT: \(plan.checkpoint)
            REDO: \(plan.redo)
            TIMELINE: \(plan.timeline.rawValue)
            PAGES: \(plan.pageCount)
            BLOCKS: \(ranges.joined(separator: " "))

            """
        let body = Array(text.utf8)
        return body + Self.trailer(body[...])
    }

    private static func blocks(_ text: Substring) -> [UInt32]? {
        var blocks: [UInt32] = []
        for range in text.split(separator: " ") {
            let ends = range.split(separator: "-").compactMap { UInt32($0) }
            guard let first = ends.first, let last = ends.last, first <= last, ends.count <= 2
            else { return nil }
            blocks += first...last
        }
        return blocks
    }

    private static func trailer(_ body: ArraySlice<UInt8>) -> [UInt8] {
        Array("# CRC-32C \(CRC32C.digits(CRC32C.checksum(of: Array(body))))\n".utf8)
    }
}

extension [UInt32] {
    /// Rising numbers as ranges without gaps.
    public var ranges: [Range<UInt32>] {
        var ranges: [Range<UInt32>] = []
        for number in self {
            if let last = ranges.last, last.upperBound == number {
                ranges[ranges.count - 1] = last.lowerBound..<number + 1
            } else {
                ranges.append(number..<number + 1)
            }
        }
        return ranges
    }
}
