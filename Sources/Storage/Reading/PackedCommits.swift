internal import WALFormat

/// Transactions of a log in few bytes: about 30 for a short row, where the values of
/// `WALOnDisk.Transaction` take some 120. For those who keep many and seldom ask.
///
/// - Equal transactions in the same order are equal bytes.
/// - The numbers of each are told by how far they are from those of the one before, in groups of
///   seven bits, the lowest first.
struct PackedCommits: Hashable, Sendable {
    /// What the next one's numbers are told from.
    private struct Origin: Hashable {
        var xid: UInt32 = 0
        var start: UInt64 = 0
        var time: Int64 = 0
        var timeline: UInt32 = 0
    }

    private var bytes: [UInt8] = []
    private var origin = Origin()

    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ transaction: WALOnDisk.Transaction) {
        let next = Origin(
            xid: transaction.xid.rawValue, start: transaction.commitStart.rawValue,
            time: transaction.time.microseconds, timeline: transaction.timeline.rawValue)
        add(signed: Int64(next.xid) - Int64(origin.xid))
        add(signed: Int64(bitPattern: next.start &- origin.start))
        add(signed: next.time &- origin.time)
        add(signed: Int64(next.timeline) - Int64(origin.timeline))
        origin = next
        add(UInt64(transaction.commitEnd - transaction.commitStart))
        add(UInt64(transaction.changes.count) << 1 | (transaction.isComplete ? 1 : 0))
        for change in transaction.changes {
            add(change.key)
            add(change.value.map { UInt64($0.utf8.count) + 1 } ?? 0)
            bytes += Array((change.value ?? "").utf8)
        }
    }

    /// All of them, in their order.
    var transactions: [WALOnDisk.Transaction] {
        var (all, place, origin) = ([WALOnDisk.Transaction](), 0, Origin())
        while place < bytes.count { all.append(next(&place, &origin)) }
        return all
    }

    private func next(_ place: inout Int, _ origin: inout Origin) -> WALOnDisk.Transaction {
        origin.xid = UInt32(Int64(origin.xid) + signed(&place))
        origin.start = origin.start &+ UInt64(bitPattern: signed(&place))
        origin.time = origin.time &+ signed(&place)
        origin.timeline = UInt32(Int64(origin.timeline) + signed(&place))
        let start = LSN(origin.start)
        let end = start.advanced(by: Int(number(&place)))
        let countAndFlag = number(&place)
        let changes = (0..<countAndFlag >> 1).map { _ in
            let key = text(Int(number(&place)), &place)
            let length = number(&place)
            return WALOnDisk.Change(
                key: key, value: length > 0 ? text(Int(length - 1), &place) : nil)
        }
        return WALOnDisk.Transaction(
            xid: TransactionID(origin.xid), commitStart: start, commitEnd: end,
            time: PostgresTime(microseconds: origin.time), timeline: Timeline(origin.timeline),
            changes: changes, isComplete: countAndFlag & 1 == 1)
    }
}

// Numbers and texts.
extension PackedCommits {
    private mutating func add(_ number: UInt64) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Small ones on either side of zero take one byte.
    private mutating func add(signed number: Int64) {
        add(UInt64(bitPattern: number << 1 ^ number >> 63))
    }

    private mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        bytes += Array(text.utf8)
    }

    private func number(_ place: inout Int) -> UInt64 {
        var (number, shift): (UInt64, UInt64) = (0, 0)
        while true {
            let byte = bytes[place]
            place += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    private func signed(_ place: inout Int) -> Int64 {
        let folded = number(&place)
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    private func text(_ count: Int, _ place: inout Int) -> String {
        defer { place += count }
        return String(decoding: bytes[place..<place + count], as: UTF8.self)
    }
}
