/// The bytes that arrived and were not decoded yet.
///
/// Taking moves a read index; the front is dropped only when it is at least half of what is stored,
/// so each byte is moved a bounded number of times however small the chunks are.
struct FrameBuffer: Hashable, Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }

    mutating func append(_ more: [UInt8]) {
        if count == 0 {
            bytes = more
            start = 0
            return
        }
        if start > bytes.count / 2 {
            bytes.removeSubrange(..<start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    mutating func removeAll() {
        bytes = []
        start = 0
    }

    /// The byte at `offset` from the read index, which the caller knows to be there.
    func byte(at offset: Int) -> UInt8 { bytes[start + offset] }

    /// The big-endian length word at `offset`, or `nil` until all four bytes are there.
    func length(at offset: Int) -> Int32? {
        guard count >= offset + 4 else { return nil }
        let word = bytes[start + offset..<start + offset + 4].reduce(UInt32(0)) {
            $0 << 8 | UInt32($1)
        }
        return Int32(bitPattern: word)
    }

    /// Takes `total` bytes and gives those after the first `headerLength`.
    mutating func take(_ total: Int, headerLength: Int) -> ArraySlice<UInt8> {
        defer { start += total }
        return bytes[start + headerLength..<start + total]
    }
}
