internal import WALFormat

/// Follows a replication stream without keeping any of it: a reader that discards, at the cost of
/// its system calls.
///
/// What it knows of the format: frames are `type u8, length u32 big-endian (itself included),
/// body`; WAL comes in `d` frames whose body is `w`, start u64, server's end u64, time u64, bytes.
struct StreamScanner {
    /// The end of the WAL that has arrived, its last byte + 1; nil before any.
    private(set) var receivedUpTo: LSN?
    /// Frames of the type `E`.
    private(set) var errorCount = 0

    /// Type, length, letter, start: what is looked at of a frame.
    private static let headByteCount = 14
    private static let letterOffset = 5
    private static let walHeaderByteCount = 25

    private var head: [UInt8] = []
    /// Bytes of the present frame still to come, once its head has been seen.
    private var rest = 0
    private var isInWAL = false

    init() { head.reserveCapacity(Self.headByteCount) }

    /// Takes bytes as they arrived.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if rest > 0 {
                let count = min(rest, bytes.count - index)
                rest -= count
                index += count
                if rest == 0 { frameEnded() }
                continue
            }
            head.append(bytes[index])
            index += 1
            lookAtHead()
        }
    }

    private mutating func lookAtHead() {
        guard head.count >= 5 else { return }
        let total = 1 + Int(number(1..<5))
        guard head.count == min(Self.headByteCount, total) else { return }
        if head[0] == UInt8(ascii: "E") { errorCount += 1 }
        isInWAL =
            head.count == Self.headByteCount && head[0] == UInt8(ascii: "d")
            && head[Self.letterOffset] == UInt8(ascii: "w")
        rest = max(0, total - head.count)
        if rest == 0 { frameEnded() }
    }

    private mutating func frameEnded() {
        if isInWAL {
            let bodyCount = Int(number(1..<5)) - 4
            let start = LSN(number(6..<14))
            receivedUpTo = start.advanced(by: max(0, bodyCount - Self.walHeaderByteCount))
        }
        isInWAL = false
        head.removeAll(keepingCapacity: true)
    }

    private func number(_ range: Range<Int>) -> UInt64 {
        head[range].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
