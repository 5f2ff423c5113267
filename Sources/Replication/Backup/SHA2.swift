/// The SHA-2 digests (FIPS 180-4), over bytes that come in pieces. A backup manifest ends with its
/// own SHA-256, and a client may ask for any of the four for the files. PostgreSQL:
/// `pg_cryptohash`.
///
/// One algorithm in two widths: SHA-224 and SHA-256 work on words of 32 bits, SHA-384 and SHA-512
/// on words of 64. Plain Swift, made to be read; it is no part of anything secret.
struct SHA2<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable, Sendable {
    private var state: [Word]
    private let digestByteCount: Int
    /// Bytes that do not fill a block yet.
    private var partial: [UInt8] = []
    private var byteCount: UInt64 = 0

    /// Takes further bytes into account.
    mutating func update(_ bytes: some Collection<UInt8>) {
        byteCount &+= UInt64(bytes.count)
        partial += bytes
        let whole = partial.count - partial.count % Self.blockByteCount
        guard whole > 0 else { return }
        var schedule = [Word](repeating: 0, count: Self.roundCount)
        partial.withUnsafeBytes { blocks in
            for offset in stride(from: 0, to: whole, by: Self.blockByteCount) {
                mix(blocks, at: offset, &schedule)
            }
        }
        partial.removeFirst(whole)
    }

    /// The digest of the bytes so far.
    var digest: [UInt8] {
        var last = self
        let lengthByteCount = Self.blockByteCount / 8
        let used = (partial.count + 1 + lengthByteCount) % Self.blockByteCount
        let zeros = (Self.blockByteCount - used) % Self.blockByteCount
        let padding = [0x80] + [UInt8](repeating: 0, count: zeros + lengthByteCount - 8)
        let bitCount = byteCount &<< 3
        last.update(padding + (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * $0)) })
        let bytes = last.state.flatMap { word in
            (1...Self.wordByteCount).map {
                UInt8(truncatingIfNeeded: word >> (Word.bitWidth - 8 * $0))
            }
        }
        return Array(bytes.prefix(digestByteCount))
    }

    private static var wordByteCount: Int { Word.bitWidth / 8 }
    private static var blockByteCount: Int { 16 * wordByteCount }
    private static var roundCount: Int { Word.bitWidth == 64 ? 80 : 64 }

    // MARK: A block

    private mutating func mix(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, _ schedule: inout [Word]
    ) {
        for index in 0..<16 {
            let place = offset + index * Self.wordByteCount
            let word = bytes.loadUnaligned(fromByteOffset: place, as: Word.self)
            schedule[index] = Word(bigEndian: word)
        }
        for index in 16..<Self.roundCount {
            schedule[index] =
                schedule[index - 16] &+ Self.lowerSigma0(schedule[index - 15])
                &+ schedule[index - 7] &+ Self.lowerSigma1(schedule[index - 2])
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<Self.roundCount {
            let choice = (e & f) ^ (~e & g)
            let first =
                h &+ Self.upperSigma1(e) &+ choice &+ Self.upper(SHA2Constants.rounds[index])
                &+ schedule[index]
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let second = Self.upperSigma0(a) &+ majority
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func upperSigma0(_ x: Word) -> Word {
        isWide ? turn(x, 28) ^ turn(x, 34) ^ turn(x, 39) : turn(x, 2) ^ turn(x, 13) ^ turn(x, 22)
    }

    private static func upperSigma1(_ x: Word) -> Word {
        isWide ? turn(x, 14) ^ turn(x, 18) ^ turn(x, 41) : turn(x, 6) ^ turn(x, 11) ^ turn(x, 25)
    }

    private static func lowerSigma0(_ x: Word) -> Word {
        isWide ? turn(x, 1) ^ turn(x, 8) ^ (x &>> 7) : turn(x, 7) ^ turn(x, 18) ^ (x &>> 3)
    }

    private static func lowerSigma1(_ x: Word) -> Word {
        isWide ? turn(x, 19) ^ turn(x, 61) ^ (x &>> 6) : turn(x, 17) ^ turn(x, 19) ^ (x &>> 10)
    }

    private static var isWide: Bool { Word.bitWidth == 64 }

    private static func turn(_ x: Word, _ count: Word) -> Word {
        x &>> count | x &<< (Word(Word.bitWidth) - count)
    }

    /// As many of the leading bits as a word has.
    private static func upper(_ constant: UInt64) -> Word {
        Word(truncatingIfNeeded: constant >> (64 - Word.bitWidth))
    }
}

extension SHA2<UInt32> {
    /// SHA-256 of no bytes yet.
    static var sha256: SHA2 {
        SHA2(state: SHA2Constants.roots.prefix(8).map { upper($0) }, digestByteCount: 32)
    }

    /// SHA-224 of no bytes yet.
    static var sha224: SHA2 {
        SHA2(
            state: SHA2Constants.roots.suffix(8).map { UInt32(truncatingIfNeeded: $0) },
            digestByteCount: 28)
    }

    private init(state: [UInt32], digestByteCount: Int) {
        self.state = state
        self.digestByteCount = digestByteCount
    }
}

extension SHA2<UInt64> {
    /// SHA-512 of no bytes yet.
    static var sha512: SHA2 {
        SHA2(state: Array(SHA2Constants.roots.prefix(8)), digestByteCount: 64)
    }

    /// SHA-384 of no bytes yet.
    static var sha384: SHA2 {
        SHA2(state: Array(SHA2Constants.roots.suffix(8)), digestByteCount: 48)
    }

    private init(state: [UInt64], digestByteCount: Int) {
        self.state = state
        self.digestByteCount = digestByteCount
    }
}
