internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// Records of a log, counted: how much of it is records and how much images of whole pages, and
/// what compressing these has saved. PostgreSQL: `pg_waldump --stats`.
struct WALStatistics {
    /// Records of one resource manager.
    fileprivate struct Row {
        var records = 0
        var recordByteCount = 0
        var imageByteCount = 0

        var byteCount: Int { recordByteCount + imageByteCount }
    }

    private var rows: [UInt8: Row] = [:]
    private var total = Row()
    private var imageCount = 0
    /// What the images would have without compression, and without the holes of the pages.
    private var plainImageByteCount = 0
    private var methods: Set<ImageCompression> = []

    init(_ lines: [WALLine]) {
        for line in lines { add(line.record) }
    }

    private mutating func add(_ record: WALRecord) {
        let images = record.blocks.compactMap(\.image)
        let imageByteCount = images.reduce(0) { $0 + $1.bytes.count }
        let row = Row(
            records: 1, recordByteCount: record.encoded().count - imageByteCount,
            imageByteCount: imageByteCount)
        rows[record.resourceManager, default: Row()].add(row)
        total.add(row)
        imageCount += images.count
        plainImageByteCount += images.reduce(0) { $0 + $1.plainByteCount }
        methods.formUnion(images.compactMap(\.compression))
    }

    /// What the log would have without compression.
    private var plainByteCount: Int { total.recordByteCount + plainImageByteCount }

    private var named: [(name: String, row: Row)] {
        rows.map { (ResourceManager.name(for: $0.key), $0.value) }.sorted { $0.0 < $1.0 }
    }

    var lines: [String] {
        var table = TextTable([
            .text("type"), .number("records"), .number("record bytes"), .number("image bytes"),
            .number("all"),
        ])
        for (name, row) in named + [("total", total)] {
            table.append(
                [name]
                    + [row.records, row.recordByteCount, row.imageByteCount, row.byteCount]
                    .map(String.init))
        }
        return table.lines + imageLines
    }

    private var imageLines: [String] {
        guard imageCount > 0 else { return ["no images of whole pages"] }
        let images = CountText.of(imageCount, "image")
        let plain = "\(images) of whole pages, \(CountText.bytes(plainImageByteCount)) of them"
        guard !methods.isEmpty else { return ["\(plain), not compressed"] }
        let names = Words.list(methods.map(\.name).sorted())
        return [
            "\(plain) without compression",
            "\(names) has made images \(Self.ratio(plainImageByteCount, total.imageByteCount)) "
                + "shorter, and all of this log \(Self.ratio(plainByteCount, total.byteCount))",
        ]
    }

    /// `3.08x`
    private static func ratio(_ before: Int, _ after: Int) -> String {
        let hundredths = (before * 100 + after / 2) / max(1, after)
        let decimals = "\(hundredths % 100)"
        return "\(hundredths / 100).\(decimals.utf8.count == 1 ? "0" : "")\(decimals)x"
    }

    var json: JSONValue {
        [
            "types": .array(
                named.map { name, row in
                    [
                        "type": .string(name), "records": .int(row.records),
                        "record_bytes": .int(row.recordByteCount),
                        "image_bytes": .int(row.imageByteCount),
                    ]
                }),
            "records": .int(total.records), "record_bytes": .int(total.recordByteCount),
            "images": .int(imageCount), "image_bytes": .int(total.imageByteCount),
            "plain_image_bytes": .int(plainImageByteCount), "bytes": .int(total.byteCount),
            "plain_bytes": .int(plainByteCount),
        ]
    }
}

extension WALStatistics.Row {
    fileprivate mutating func add(_ other: WALStatistics.Row) {
        records += other.records
        recordByteCount += other.recordByteCount
        imageByteCount += other.imageByteCount
    }
}
