internal import LabClock

/// The dice of one power loss. The same seed gives the same disk.
struct SurvivalDraw {
    enum Share {
        case none
        case part
        case whole
    }

    let survival: Survival
    private var draws: SeededDraws
    /// For `prefix`: the change under way at the drawn instant.
    private var cut = 0

    /// - Parameter changeCount: changes are numbered below this.
    init(_ survival: Survival, seed: UInt64, changes: ClosedRange<Int>) {
        self.survival = survival
        draws = SeededDraws(seed: seed)
        cut = changes.lowerBound + number(upTo: changes.upperBound - changes.lowerBound + 1)
    }

    func share(of sequence: Int) -> Share {
        sequence < cut ? .whole : sequence == cut ? .part : .none
    }

    mutating func toss() -> Bool { draws.next() & 1 == 1 }

    /// A number from 0 to `limit`.
    mutating func number(upTo limit: Int) -> Int {
        draws.number(below: limit + 1)
    }
}

/// For each sector of a file: as of which of the writes to it does it survive. A sector reaches the
/// disk as it stands in memory at some instant, so of several writes to it the first few survive.
struct SectorVersions {
    private static let byteCount = 512
    private var rest: [Int: Int] = [:]

    init(of changes: [MemoryFile.Change], _ draw: inout SurvivalDraw) {
        guard draw.survival == .sectors else { return }
        var counts: [Int: Int] = [:]
        for change in changes where change.fate == .pending {
            guard case .write(let offset, let bytes) = change.action else { continue }
            for sector in Self.sectors(offset, bytes.count) { counts[sector, default: 0] += 1 }
        }
        for (sector, count) in counts.sorted(by: { $0.key < $1.key }) {
            rest[sector] = draw.number(upTo: count)
        }
    }

    /// The parts of the next write that survive; neighbours come as one.
    mutating func pieces(
        of bytes: ArraySlice<UInt8>, at offset: Int, _ body: (ArraySlice<UInt8>, Int) -> Void
    ) {
        let end = offset + bytes.count
        var start: Int?
        func flush(_ stop: Int) {
            guard let begin = start else { return }
            let first = bytes.startIndex + begin - offset
            body(bytes[first..<first + stop - begin], begin)
            start = nil
        }
        for sector in Self.sectors(offset, bytes.count) {
            let isKept = rest[sector, default: 0] > 0
            rest[sector, default: 0] -= 1
            let begin = max(offset, sector * Self.byteCount)
            if isKept { start = start ?? begin } else { flush(begin) }
        }
        flush(end)
    }

    private static func sectors(_ offset: Int, _ count: Int) -> Range<Int> {
        count == 0 ? 0..<0 : offset / byteCount..<(offset + count - 1) / byteCount + 1
    }
}
