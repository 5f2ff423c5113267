internal import CommandLanguage
internal import JSON
internal import Storage
internal import TableFormat
internal import WALFormat

/// What came out when two nodes' directories were held against each other, in words.
struct ComparisonText {
    private let comparison: DirectoryComparison
    private let names: [String]

    init(_ comparison: DirectoryComparison, _ first: String, _ second: String) {
        self.comparison = comparison
        names = [first, second]
    }

    /// One word, also what the fact `diff NODE NODE` says.
    var outcome: String {
        switch comparison.outcome {
        case .identical: "identical"
        case .different: "different"
        case .unknowable, .outOfReach: "unknowable"
        }
    }

    /// The outcome, then what there is behind the position compared at.
    var lines: [String] { outcomeLines + restLines }

    /// The answer's object.
    var json: JSONValue {
        [
            "nodes": .array(names.map { .string($0) }), "outcome": .string(outcome),
            "through": .string(comparison.through.description),
            "wal_start": .string(comparison.walStart.description),
            "wal_bytes": .int(comparison.walByteCount), "pages": .int(comparison.pageCount),
            "pg_xact_pages": .int(comparison.commitLogPageCount), "difference": difference,
            "ends": .array(comparison.ends.map { .string($0.description) }),
            "divergence": .optional(comparison.divergence?.description),
        ]
    }

    private var outcomeLines: [String] {
        let through = comparison.through
        switch comparison.outcome {
        case .identical:
            return [
                "identical through \(through): \(CountText.of(comparison.pageCount, "page")), "
                    + "\(CountText.of(comparison.walByteCount, "WAL byte"))"
            ]
        case .different(let difference):
            return [
                "different at \(through); the first byte that differs is",
                "\(difference.file), byte \(difference.offset)\(page(difference)): "
                    + "\(names[0]) \(Self.has(difference.left)), "
                    + "\(names[1]) \(Self.has(difference.right))",
            ]
        case .outOfReach(let isLeft, let walStart):
            return outOfReach(names[isLeft ? 0 : 1], walStart)
        case .unknowable(let block, let lsn):
            return [
                "cannot be compared at \(through): one file has page \(block) as of \(lsn),",
                "which is later, and that node's log holds no earlier image of it",
            ]
        }
    }

    private func outOfReach(_ node: String, _ walStart: LSN) -> [String] {
        [
            "cannot be compared at \(comparison.through): \(node)'s log begins at \(walStart) now,",
            "and its files are as of later; what was before was removed at a checkpoint",
        ]
    }

    /// Where one log goes on, or both part.
    private var restLines: [String] {
        if let fork = comparison.divergence {
            return [
                "their timelines part at \(fork): \(names[0]) goes on to \(comparison.ends[0]), "
                    + "\(names[1]) to \(comparison.ends[1])"
            ]
        }
        return zip(names, comparison.ends).compactMap { name, end in
            guard end > comparison.through else { return nil }
            let bytes = CountText.of(end - comparison.through, "WAL byte")
            return "\(name) goes on to \(end), \(bytes) further"
        }
    }

    private func page(_ difference: DirectoryComparison.Difference) -> String {
        guard difference.file == "base/5/16384" else { return "" }
        let (page, offset) = difference.offset.quotientAndRemainder(dividingBy: HeapPage.byteCount)
        return " (page \(page), offset \(offset))"
    }

    private static func has(_ byte: UInt8?) -> String {
        byte.map { "has \(HexDump.text([$0]))" } ?? "has none"
    }

    private var difference: JSONValue {
        guard case .different(let found) = comparison.outcome else { return .null }
        return [
            "file": .string(found.file), "offset": .int(found.offset),
            "bytes": .array([found.left, found.right].map { $0.map { .int(Int($0)) } ?? .null }),
        ]
    }
}
