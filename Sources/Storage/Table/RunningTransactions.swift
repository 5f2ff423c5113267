public import WALFormat

/// Which transactions were open at a place in the log. A hot standby that begins its redo at an
/// online checkpoint lets nobody read before it has met one of these: until then it cannot tell an
/// open transaction from one that a crash has ended. PostgreSQL: `xl_running_xacts`.
///
/// Main data of a record of the resource manager Standby, info 0x10, little-endian:
/// ```
///  0  4  number of open transactions        12  4  the next transaction's number
///  4  4  number of open subtransactions     16  4  the oldest open one, or the next
///  8  4  whether some of these are left out 20  4  the newest that has ended
/// 24  4  each: an open transaction
/// ```
public struct RunningTransactions: Hashable, Sendable {
    /// Those that are open, in rising order.
    public let open: [TransactionID]
    /// The next transaction's number.
    public let next: TransactionID

    fileprivate static let info: UInt8 = 0x10
    private static let headerByteCount = 24

    init(_ open: Set<TransactionID>, next: TransactionID) {
        self.open = open.sorted()
        self.next = next
    }

    /// Nil for bytes that are none; subtransactions, which the lab has none of, are left out.
    fileprivate init?(decoding bytes: [UInt8]) {
        func word(_ offset: Int) -> UInt32 { bytes.load(littleEndian: UInt32.self, at: offset) }
        guard bytes.count >= Self.headerByteCount,
            Int(word(0)) <= (bytes.count - Self.headerByteCount) / 4
        else { return nil }
        open = (0..<Int(word(0))).map { TransactionID(word(Self.headerByteCount + 4 * $0)) }
        next = TransactionID(word(12))
    }

    /// The newest transaction that has ended. PostgreSQL: `latestCompletedXid`.
    private var latestCompleted: TransactionID {
        var latest = next.rawValue - 1
        for xid in open.reversed() where xid.rawValue == latest { latest -= 1 }
        return TransactionID(latest)
    }

    fileprivate var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(open.count))
        bytes.append(littleEndian: UInt64(0))
        bytes.append(littleEndian: next.rawValue)
        bytes.append(littleEndian: (open.first ?? next).rawValue)
        bytes.append(littleEndian: latestCompleted.rawValue)
        for xid in open { bytes.append(littleEndian: xid.rawValue) }
        return bytes
    }
}

extension WALRecord {
    /// Says which transactions are open. PostgreSQL: XLOG_RUNNING_XACTS.
    init(_ running: RunningTransactions) {
        self.init(
            resourceManager: ResourceManager.standby, info: RunningTransactions.info,
            mainData: running.encoded)
    }

    /// Which transactions were open, if that is what the record says.
    public var runningTransactions: RunningTransactions? {
        guard resourceManager == ResourceManager.standby, info & 0xF0 == RunningTransactions.info
        else { return nil }
        return RunningTransactions(decoding: mainData)
    }
}
