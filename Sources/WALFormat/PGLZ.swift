/// PostgreSQL's own compression: an LZ77 of bytes, made to be quick to read. PostgreSQL:
/// `pg_lzcompress.c`.
///
/// A control byte says of the next eight items, lowest bit first, what each is:
///
///     0  one byte, as it is
///     1  a match, two bytes or three:
///            OOOO LLLL  OOOO OOOO  [LLLL LLLL]
///        the offset's upper four bits and the length less 3; the offset's lower eight; and, when
///        the four bits of the length are all ones, what it is above 18
///
/// A match repeats `length` bytes that begin `offset` bytes before it; it may run into itself.
///
/// - What does not become a quarter shorter is not compressed.
/// - Whatever the bytes are, reading them ends, and writes no more than was asked for.
public enum PGLZ {
    fileprivate static let shortestMatch = 3
    fileprivate static let longestMatch = 273
    fileprivate static let farthestMatch = 0x0FFF
    /// Of the length's four bits: a byte with the rest follows.
    fileprivate static let longLength = 0x0F

    /// Less than this is left as it is.
    private static let shortestInput = 32
    /// So much must have been saved, in percent.
    private static let leastSaving = 25
    /// Where nothing has been found up to here, nothing is looked for further on.
    private static let firstSuccess = 1024

    /// The bytes in fewer bytes; nil when they do not become a quarter shorter.
    public static func compressed(_ source: [UInt8]) -> [UInt8]? {
        guard source.count >= shortestInput else { return nil }
        let limit = source.count * (100 - leastSaving) / 100
        var output = Output(capacity: limit)
        var history = History(of: source)
        var position = 0
        while position < source.count {
            guard output.bytes.count < limit, output.hasMatch || output.bytes.count < firstSuccess
            else { return nil }
            if let match = history.longestMatch(at: position, in: source) {
                output.append(match)
                for place in position..<position + match.length {
                    history.note(place, in: source)
                }
                position += match.length
            } else {
                output.append(source[position])
                history.note(position, in: source)
                position += 1
            }
        }
        return output.bytes.count < limit ? output.bytes : nil
    }

    /// The bytes that were compressed, `byteCount` of them; nil when these do not say exactly that.
    public static func decompressed(_ bytes: [UInt8], byteCount: Int) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(byteCount)
        var place = 0
        while output.count < byteCount, place < bytes.count {
            let control = bytes[place]
            place += 1
            for item in 0..<8 where output.count < byteCount && place < bytes.count {
                guard control >> item & 1 == 1 else {
                    output.append(bytes[place])
                    place += 1
                    continue
                }
                guard let match = Match(reading: bytes, at: &place), match.offset <= output.count
                else { return nil }
                for _ in 0..<min(match.length, byteCount - output.count) {
                    output.append(output[output.count - match.offset])
                }
            }
        }
        return output.count == byteCount && place == bytes.count ? output : nil
    }
}

/// What the bytes at a place repeat.
private struct Match {
    let offset: Int
    let length: Int

    init(offset: Int, length: Int) {
        self.offset = offset
        self.length = length
    }

    /// Reads one and moves on behind it; nil when there is none, or not all of one.
    init?(reading bytes: [UInt8], at place: inout Int) {
        guard bytes.count - place >= 2 else { return nil }
        let (first, low) = (bytes[place], bytes[place + 1])
        place += 2
        var length = Int(first & 0x0F) + PGLZ.shortestMatch
        if length == PGLZ.longLength + PGLZ.shortestMatch {
            guard place < bytes.count else { return nil }
            length += Int(bytes[place])
            place += 1
        }
        self.init(offset: Int(first & 0xF0) << 4 | Int(low), length: length)
        if offset == 0 { return nil }
    }
}

/// Items behind their control bytes.
private struct Output {
    private(set) var bytes: [UInt8] = []
    private(set) var hasMatch = false
    private var control = 0
    /// The control byte's bit for the next item; 0: a new control byte comes first.
    private var bit: UInt8 = 0

    init(capacity: Int) { bytes.reserveCapacity(capacity + 4) }

    mutating func append(_ byte: UInt8) {
        beginItem(isMatch: false)
        bytes.append(byte)
    }

    mutating func append(_ match: Match) {
        beginItem(isMatch: true)
        hasMatch = true
        let isLong = match.length >= PGLZ.longLength + PGLZ.shortestMatch
        let length = isLong ? PGLZ.longLength : match.length - PGLZ.shortestMatch
        bytes.append(UInt8(match.offset >> 8) << 4 | UInt8(length))
        bytes.append(UInt8(match.offset & 0xFF))
        if isLong {
            bytes.append(UInt8(match.length - PGLZ.longLength - PGLZ.shortestMatch))
        }
    }

    private mutating func beginItem(isMatch: Bool) {
        if bit == 0 {
            control = bytes.count
            bytes.append(0)
            bit = 1
        }
        if isMatch { bytes[control] |= bit }
        bit &<<= 1
    }
}

/// Where the same three bytes were before, the nearest place first.
private struct History {
    private static let slotCount = 1 << 12
    /// A match this long is taken at once; the longer the search, the shorter is good enough.
    private static let goodLength = 128
    /// By so much, in percent, at each place that was looked at.
    private static let drop = 10

    /// The last place of each hash; -1: none.
    private var newest = [Int32](repeating: -1, count: History.slotCount)
    /// The place before, of each place.
    private var older: [Int32]

    init(of source: [UInt8]) {
        older = [Int32](repeating: -1, count: source.count)
    }

    mutating func note(_ place: Int, in source: [UInt8]) {
        guard place + PGLZ.shortestMatch <= source.count else { return }
        let slot = Self.slot(of: place, in: source)
        older[place] = newest[slot]
        newest[slot] = Int32(truncatingIfNeeded: place)
    }

    func longestMatch(at place: Int, in source: [UInt8]) -> Match? {
        let most = min(PGLZ.longestMatch, source.count - place)
        guard most >= PGLZ.shortestMatch else { return nil }
        var best = Match(offset: 0, length: PGLZ.shortestMatch - 1)
        var good = Self.goodLength
        var earlier = Int(newest[Self.slot(of: place, in: source)])
        while earlier >= 0, place - earlier <= PGLZ.farthestMatch, best.length < min(good, most) {
            let length = Self.commonLength(earlier, place, atMost: most, in: source)
            if length > best.length { best = Match(offset: place - earlier, length: length) }
            good -= good * Self.drop / 100
            earlier = Int(older[earlier])
        }
        return best.length >= PGLZ.shortestMatch ? best : nil
    }

    private static func slot(of place: Int, in source: [UInt8]) -> Int {
        let (first, second, third) = (source[place], source[place + 1], source[place + 2])
        return (Int(first) << 6 ^ Int(second) << 3 ^ Int(third)) & (slotCount - 1)
    }

    private static func commonLength(
        _ earlier: Int, _ place: Int, atMost most: Int, in source: [UInt8]
    ) -> Int {
        var length = 0
        while length < most, source[earlier + length] == source[place + length] { length += 1 }
        return length
    }
}
