/// How many bytes of log one file in `pg_wal` holds: a power of two from 1 MiB to 1 GiB.
/// PostgreSQL: `wal_segment_size`.
public struct SegmentSize: Hashable, Sendable {
    /// Bytes per segment.
    public let byteCount: Int

    /// The lab's default: small enough that retention shows within one lesson.
    public static let oneMebibyte = SegmentSize(validated: 1 << 20)

    /// Refuses what PostgreSQL refuses: anything but a power of two from 1 MiB to 1 GiB.
    public init?(byteCount: Int) {
        guard (1 << 20...1 << 30).contains(byteCount), byteCount.nonzeroBitCount == 1 else {
            return nil
        }
        self.byteCount = byteCount
    }

    private init(validated byteCount: Int) {
        self.byteCount = byteCount
    }

    /// The segment that holds the byte at `position`. PostgreSQL: `XLByteToSeg`.
    public func number(containing position: LSN) -> UInt64 {
        position.rawValue / UInt64(byteCount)
    }

    /// The position of a segment's first byte; a number beyond the log's range gives its last
    /// position.
    public func start(of number: UInt64) -> LSN {
        let (product, overflow) = number.multipliedReportingOverflow(by: UInt64(byteCount))
        return LSN(overflow ? .max : product)
    }

    /// Bytes from the start of the segment to `position`. PostgreSQL: `XLogSegmentOffset`.
    public func offset(of position: LSN) -> Int {
        Int(position.rawValue & UInt64(byteCount - 1))
    }

    /// As `SHOW wal_segment_size` prints it: `1MB`, `64MB`, `1GB`.
    public var label: String {
        byteCount == 1 << 30 ? "1GB" : "\(byteCount >> 20)MB"
    }

    /// Reads what `label` prints; `nil` for anything else.
    public init?(label: some StringProtocol) {
        let units = [("MB", 20), ("GB", 30)]
        guard let unit = units.first(where: { label.hasSuffix($0.0) }),
            let count = Int(label.dropLast(2)), (1...1024).contains(count),
            let size = SegmentSize(byteCount: count << unit.1), size.label == label
        else { return nil }
        self = size
    }

    /// How many segments share the first 4 GiB, and so one middle part of the file name.
    /// PostgreSQL: `XLogSegmentsPerXLogId`.
    var countPerFourGibibytes: UInt64 {
        (1 << 32) / UInt64(byteCount)
    }
}
