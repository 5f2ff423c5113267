/// The identity of one WAL file, and its name of 24 hexadecimal digits: timeline, then the segment
/// number in two parts. PostgreSQL: `XLogFileName`.
public struct SegmentName: Hashable, Sendable {
    /// The timeline the file belongs to.
    public let timeline: Timeline
    /// The segment's number, counted from the start of the log.
    public let number: UInt64

    /// The file of segment `number` on `timeline`.
    public init(timeline: Timeline, number: UInt64) {
        self.timeline = timeline
        self.number = number
    }

    /// Reads a file name; `nil` for anything but 24 upper-case digits that name a possible segment.
    public init?(fileName: some StringProtocol, size: SegmentSize) {
        let digits = Array(fileName.utf8)
        let lowerCase = UInt8(ascii: "a")...UInt8(ascii: "f")
        guard digits.count == 24, !digits.contains(where: lowerCase.contains),
            let timeline = UInt32(hexadecimal: digits[0..<8]),
            let high = UInt32(hexadecimal: digits[8..<16]),
            let low = UInt32(hexadecimal: digits[16..<24]), low < size.countPerFourGibibytes
        else { return nil }
        self.init(
            timeline: Timeline(timeline),
            number: UInt64(high) * size.countPerFourGibibytes + UInt64(low))
    }

    /// The file's name, such as `000000010000000000000016`.
    public func fileName(_ size: SegmentSize) -> String {
        let high = UInt32(truncatingIfNeeded: number / size.countPerFourGibibytes)
        let low = UInt32(truncatingIfNeeded: number % size.countPerFourGibibytes)
        return timeline.rawValue.eightDigits + high.eightDigits + low.eightDigits
    }
}

extension UInt32 {
    /// C's `%08X`.
    var eightDigits: String {
        let digits = String(self, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
