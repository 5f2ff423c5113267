/// Counts the answers in what a server sends, without decoding them: a measured client that costs
/// next to nothing, as a C client does.
///
/// Frames are `type u8, length u32 big-endian (itself included), body`; they may come in any cut.
struct ReplyScanner {
    /// ReadyForQuery messages seen.
    private(set) var readyCount = 0
    /// The type bytes of ErrorResponse messages were seen this often.
    private(set) var errorCount = 0

    /// Bytes of the present header that have arrived, and what they say so far.
    private var headerCount = 0
    private var type: UInt8 = 0
    private var length = 0
    /// Bytes of the present body still to come.
    private var bodyCount = 0

    /// Takes bytes as they arrived.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if bodyCount > 0 {
                let skipped = min(bodyCount, bytes.count - index)
                bodyCount -= skipped
                index += skipped
                continue
            }
            take(bytes[index])
            index += 1
        }
    }

    private mutating func take(_ byte: UInt8) {
        if headerCount == 0 {
            type = byte
            length = 0
        } else {
            length = length << 8 | Int(byte)
        }
        headerCount += 1
        guard headerCount == 5 else { return }
        headerCount = 0
        bodyCount = max(0, length - 4)
        if type == UInt8(ascii: "Z") { readyCount += 1 }
        if type == UInt8(ascii: "E") { errorCount += 1 }
    }
}
