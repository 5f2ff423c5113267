/// Where redo would begin after a crash, and the counters it begins with. PostgreSQL: `CheckPoint`,
/// 88 bytes, the main data of both kinds of checkpoint record.
///
///     0  u64 redo               32 u32 next OID              56 u32 oldest multixact's database
///     8  u32 timeline           36 u32 next multixact        60 zero
///     12 u32 previous timeline  40 u32 next multi offset     64 i64 time
///     16 u8 full-page writes    44 u32 oldest xid            72 u32 oldest commit-timestamp xid
///     17 zero                   48 u32 oldest xid's database 76 u32 newest commit-timestamp xid
///     24 u64 next xid           52 u32 oldest multixact      80 u32 oldest active xid, then zero
public struct CheckPoint: Hashable, Sendable {
    /// Bytes of the encoded form.
    public static let byteCount = 88

    /// Where redo begins: the insert position when the checkpoint began.
    public var redo: LSN
    /// The timeline the checkpoint is on.
    public var timeline: Timeline
    /// The timeline before it if the record begins a new one, else the same.
    public var previousTimeline: Timeline
    /// Whether pages' first changes carry full-page images.
    public var fullPageWrites: Bool
    /// The next transaction id with its epoch in the upper half.
    public var nextXID: UInt64
    /// The next object id.
    public var nextOID: UInt32
    /// The next multixact.
    public var nextMulti: UInt32
    /// The next multixact member offset.
    public var nextMultiOffset: UInt32
    /// The oldest transaction id any table may still hold unfrozen.
    public var oldestXID: TransactionID
    /// The database that holds it.
    public var oldestXIDDatabase: UInt32
    /// The oldest multixact any table may still hold.
    public var oldestMulti: UInt32
    /// The database that holds it.
    public var oldestMultiDatabase: UInt32
    /// Seconds since 1970 (PostgreSQL's `pg_time_t`).
    public var time: Int64
    /// The oldest transaction with a commit timestamp.
    public var oldestCommitTimestampXID: TransactionID
    /// The newest transaction with a commit timestamp.
    public var newestCommitTimestampXID: TransactionID
    /// The oldest transaction still running; invalid in a shutdown checkpoint.
    public var oldestActiveXID: TransactionID

    /// A checkpoint; what the lab has no use for starts out as `initdb` leaves it.
    public init(
        redo: LSN, timeline: Timeline, previousTimeline: Timeline? = nil,
        fullPageWrites: Bool = true, nextXID: UInt64, nextOID: UInt32 = 24576,
        nextMulti: UInt32 = 1, nextMultiOffset: UInt32 = 0,
        oldestXID: TransactionID = .firstNormal, oldestXIDDatabase: UInt32 = 1,
        oldestMulti: UInt32 = 1, oldestMultiDatabase: UInt32 = 1, time: Int64,
        oldestCommitTimestampXID: TransactionID = .invalid,
        newestCommitTimestampXID: TransactionID = .invalid,
        oldestActiveXID: TransactionID = .invalid
    ) {
        self.redo = redo
        self.timeline = timeline
        self.previousTimeline = previousTimeline ?? timeline
        self.fullPageWrites = fullPageWrites
        self.nextXID = nextXID
        self.nextOID = nextOID
        self.nextMulti = nextMulti
        self.nextMultiOffset = nextMultiOffset
        self.oldestXID = oldestXID
        self.oldestXIDDatabase = oldestXIDDatabase
        self.oldestMulti = oldestMulti
        self.oldestMultiDatabase = oldestMultiDatabase
        self.time = time
        self.oldestCommitTimestampXID = oldestCommitTimestampXID
        self.newestCommitTimestampXID = newestCommitTimestampXID
        self.oldestActiveXID = oldestActiveXID
    }

    /// The 88 bytes.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.append(littleEndian: redo.rawValue)
        bytes.append(littleEndian: timeline.rawValue)
        bytes.append(littleEndian: previousTimeline.rawValue)
        bytes.append(littleEndian: UInt64(fullPageWrites ? 1 : 0))
        bytes.append(littleEndian: nextXID)
        for field in [
            nextOID, nextMulti, nextMultiOffset, oldestXID.rawValue, oldestXIDDatabase,
            oldestMulti, oldestMultiDatabase, 0,
        ] {
            bytes.append(littleEndian: field)
        }
        bytes.append(littleEndian: time)
        bytes.append(littleEndian: oldestCommitTimestampXID.rawValue)
        bytes.append(littleEndian: newestCommitTimestampXID.rawValue)
        bytes.append(littleEndian: UInt64(oldestActiveXID.rawValue))
        return bytes
    }

    /// Reads the 88 bytes; `nil` for any other number of them. Padding is not looked at.
    public init?(decoding bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        func word(_ offset: Int) -> UInt32 { bytes.load(littleEndian: UInt32.self, at: offset) }
        self.init(
            redo: LSN(bytes.load(littleEndian: UInt64.self, at: 0)), timeline: Timeline(word(8)),
            previousTimeline: Timeline(word(12)), fullPageWrites: bytes[16] != 0,
            nextXID: bytes.load(littleEndian: UInt64.self, at: 24), nextOID: word(32),
            nextMulti: word(36), nextMultiOffset: word(40), oldestXID: TransactionID(word(44)),
            oldestXIDDatabase: word(48), oldestMulti: word(52), oldestMultiDatabase: word(56),
            time: bytes.load(littleEndian: Int64.self, at: 64),
            oldestCommitTimestampXID: TransactionID(word(72)),
            newestCommitTimestampXID: TransactionID(word(76)),
            oldestActiveXID: TransactionID(word(80)))
    }
}
