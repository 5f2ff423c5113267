/// The checksum a page carries on disk, so that a page torn by a power loss or rotten is noticed
/// when it is read. PostgreSQL: `data_checksums`, `pg_checksum_page`.
///
/// In memory and in images in the log the field is zero; it is filled in when a page goes to its
/// file, and checked and cleared when it comes back. So pages of nodes that stand at the same
/// position are the same, wherever and whenever they were written.
///
/// The sum: 32 FNV-1a sums side by side over the page's 32-bit words (word i goes to sum i % 32),
/// each step with an extra shift so that high bits reach low ones; two rounds of zeros at the end;
/// all sums and the block number combined by exclusive or, then modulo 65535 plus 1: never zero.
extension HeapPage {
    /// What is in the checksum field: zero in memory.
    public var storedChecksum: UInt16 { load(UInt16.self, at: Field.checksum) }

    /// The checksum of the page as block number `block`; the field itself counts as zero.
    public func checksum(block: UInt32) -> UInt16 {
        UInt16((sumOfWords() ^ block) % 65535 + 1)
    }

    /// The page's bytes for its file. A page never written stays all zeros.
    public func sealed(block: UInt32) -> [UInt8] {
        guard !isNeverWritten else { return bytes }
        var sealed = self
        sealed.store(checksum(block: block), at: Field.checksum)
        return sealed.bytes
    }

    /// Takes a page read from its file as block number `block`, and clears its checksum.
    ///
    /// Throws `checksum` if the page is not what was written, and the header's errors.
    public init(sealed bytes: [UInt8], block: UInt32) throws(PageError) {
        guard bytes.count == Self.byteCount else { throw .wrongByteCount(bytes.count) }
        self.bytes = bytes
        guard !isNeverWritten else { return }
        let stored = storedChecksum
        let computed = checksum(block: block)
        guard stored == computed else { throw .checksum(stored: stored, computed: computed) }
        store(UInt16(0), at: Field.checksum)
        try checkHeader()
    }

    /// The page without its checksum, whatever that was.
    public var unsealed: HeapPage {
        var page = self
        if !isNeverWritten { page.store(UInt16(0), at: Field.checksum) }
        return page
    }

    private func sumOfWords() -> UInt32 {
        var sums = Self.startingSums
        sums.withUnsafeMutableBufferPointer { sums in
            bytes.withUnsafeBytes { page in
                var offset = 0
                while offset < Self.byteCount {
                    var word = UInt32(
                        littleEndian: page.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    // The field's own 16 bits are the low half of the word at 8.
                    if offset == Field.checksum { word &= 0xFFFF_0000 }
                    let lane = (offset &>> 2) & 31
                    sums[lane] = Self.mix(sums[lane], word)
                    offset &+= 4
                }
            }
        }
        return sums.reduce(0) { $0 ^ Self.mix(Self.mix($1, 0), 0) }
    }

    @inline(__always)
    private static func mix(_ sum: UInt32, _ word: UInt32) -> UInt32 {
        let mixed = sum ^ word
        return (mixed &* 16_777_619) ^ (mixed &>> 17)
    }

    /// Where the 32 sums start, all different, as PostgreSQL's file format fixes them.
    private static let startingSums: [UInt32] = [
        0x5B1F_36E9, 0xB852_5960, 0x02AB_50AA, 0x1DE6_6D2A, 0x79FF_467A, 0x9BB9_F8A3,
        0x217E_7CD2, 0x83E1_3D2C, 0xF8D4_474F, 0xE39E_B970, 0x42C6_AE16, 0x9932_16FA,
        0x7B09_3B5D, 0x98DA_FF3C, 0xF718_902A, 0x0B1C_9CDB, 0xE58F_764B, 0x1876_36BC,
        0x5D7B_3BB1, 0xE73D_E7DE, 0x92BE_C979, 0xCCA6_C0B2, 0x304A_0979, 0x85AA_43D4,
        0x7831_25BB, 0x6CA8_EAA2, 0xE407_EAC6, 0x4B5C_FC3E, 0x9FBF_8C76, 0x15CA_20BE,
        0xF2CA_9FD3, 0x959B_D756,
    ]
}
