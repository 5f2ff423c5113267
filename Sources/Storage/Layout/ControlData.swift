public import WALFormat

/// The lab's own control data, `global/shiplog_control`: what a node must know before it can read
/// its WAL. Where the last checkpoint is, on which timeline, and how the node went down.
///
/// It is not PostgreSQL's pg_control, though it plays its part. Layout, little-endian:
/// ```
///  0  8  magic "SHIPLOG\n"        40  8  redo LSN
///  8  4  layout version           48  8  minimum recovery LSN
/// 12  4  state                    56  8  checkpoint time, microseconds since 2000-01-01
/// 16  8  system identifier        64  4  segment size in bytes
/// 24  4  timeline                 68  4  next transaction id
/// 28  4  minimum's timeline       72 16  what the files held: CheckpointedFiles
/// 32  8  checkpoint LSN           88  4  CRC-32C of bytes 0..<88
/// ```
public struct ControlData: Hashable, Sendable {
    /// The layout this code reads and writes. Since 2 the table's pages carry checksums, since 3
    /// the control data vouch for the files that have none.
    public static let version: UInt32 = 3
    static let byteCount = checksumOffset + 4
    private static let checksumOffset = 88
    private static let magic = Array("SHIPLOG\n".utf8)

    /// How the node stands, or went down. PostgreSQL: DBState.
    public enum State: UInt32, Hashable, Sendable, CustomStringConvertible {
        /// Stopped cleanly as a primary: the last record is a shutdown checkpoint.
        case shutDown = 1
        /// Stopped cleanly as a standby.
        case shutDownInRecovery = 2
        /// Running as a standby, or went down as one.
        case inArchiveRecovery = 5
        /// Running as a primary, or went down as one.
        case inProduction = 6

        /// Whether it is a standby's.
        var isStandby: Bool {
            switch self {
            case .shutDown, .inProduction: false
            case .shutDownInRecovery, .inArchiveRecovery: true
            }
        }

        /// The words of `pg_controldata`.
        public var description: String {
            switch self {
            case .shutDown: "shut down"
            case .shutDownInRecovery: "shut down in recovery"
            case .inArchiveRecovery: "in archive recovery"
            case .inProduction: "in production"
            }
        }
    }

    /// The same number on every node of one cluster; stands in each segment's first page header.
    public var systemIdentifier: UInt64
    /// How the node stands.
    public var state: State
    /// The timeline the checkpoint lies on, or the one a promoted node writes on.
    public var timeline: Timeline
    /// Where the last checkpoint's record starts.
    public var checkpoint: LSN
    /// Where recovery starts to replay.
    public var redo: LSN
    /// The pages on disk are consistent only when replay has reached this; invalid (0/0) for none.
    public var minimumRecovery: LSN
    /// The timeline of `minimumRecovery`.
    public var minimumRecoveryTimeline: Timeline
    /// The size of a WAL segment.
    public var segmentSize: SegmentSize
    /// The next transaction id at the checkpoint.
    public var nextXID: TransactionID
    /// When the checkpoint was taken.
    public var checkpointTime: PostgresTime
    /// What the files held that carry no checksum of their own.
    public var files: CheckpointedFiles

    /// The file's bytes.
    public func encoded() -> [UInt8] {
        var bytes = Self.magic
        bytes.append(littleEndian: Self.version)
        bytes.append(littleEndian: state.rawValue)
        bytes.append(littleEndian: systemIdentifier)
        bytes.append(littleEndian: timeline.rawValue)
        bytes.append(littleEndian: minimumRecoveryTimeline.rawValue)
        bytes.append(littleEndian: checkpoint.rawValue)
        bytes.append(littleEndian: redo.rawValue)
        bytes.append(littleEndian: minimumRecovery.rawValue)
        bytes.append(littleEndian: checkpointTime.microseconds)
        bytes.append(littleEndian: UInt32(segmentSize.byteCount))
        bytes.append(littleEndian: nextXID.rawValue)
        bytes.append(littleEndian: files.position.rawValue)
        bytes.append(littleEndian: files.pageCount)
        bytes.append(littleEndian: files.commitLogChecksum)
        bytes.append(littleEndian: CRC32C.checksum(of: bytes))
        return bytes
    }

    /// Reads a file's bytes.
    /// - Throws: `.notADataDirectory`, `.wrongControlVersion` or `.damagedControlData`.
    public init(decoding bytes: [UInt8]) throws(OpenFailure) {
        guard bytes.starts(with: Self.magic) else { throw .notADataDirectory }
        guard bytes.count >= 12 else {
            throw .damagedControlData(reason: "only \(bytes.count) bytes")
        }
        let version = bytes.load(littleEndian: UInt32.self, at: 8)
        guard version == Self.version else { throw .wrongControlVersion(found: version) }
        guard bytes.count == Self.byteCount else {
            throw .damagedControlData(reason: "\(bytes.count) bytes instead of \(Self.byteCount)")
        }
        let stored = bytes.load(littleEndian: UInt32.self, at: Self.checksumOffset)
        guard stored == CRC32C.checksum(of: Array(bytes[..<Self.checksumOffset])) else {
            throw .damagedControlData(reason: "its checksum disagrees")
        }
        guard let state = State(rawValue: bytes.load(littleEndian: UInt32.self, at: 12)),
            let size = SegmentSize(byteCount: Int(bytes.load(littleEndian: UInt32.self, at: 64)))
        else { throw .damagedControlData(reason: "an impossible state or segment size") }
        self.state = state
        segmentSize = size
        systemIdentifier = bytes.load(littleEndian: UInt64.self, at: 16)
        timeline = Timeline(bytes.load(littleEndian: UInt32.self, at: 24))
        minimumRecoveryTimeline = Timeline(bytes.load(littleEndian: UInt32.self, at: 28))
        checkpoint = LSN(bytes.load(littleEndian: UInt64.self, at: 32))
        redo = LSN(bytes.load(littleEndian: UInt64.self, at: 40))
        minimumRecovery = LSN(bytes.load(littleEndian: UInt64.self, at: 48))
        checkpointTime = PostgresTime(
            microseconds: bytes.load(littleEndian: Int64.self, at: 56))
        nextXID = TransactionID(bytes.load(littleEndian: UInt32.self, at: 68))
        files = CheckpointedFiles(
            position: LSN(bytes.load(littleEndian: UInt64.self, at: 72)),
            pageCount: bytes.load(littleEndian: UInt32.self, at: 80),
            commitLogChecksum: bytes.load(littleEndian: UInt32.self, at: 84))
    }

    /// Reads a directory's control data; those of an incomplete backup speak of files that may not
    /// be there, those of half a rewind of pages that are another node's by now.
    init(reading fileSystem: any FileSystem) throws(OpenFailure) {
        if let failure = try DirectoryLayout.unfinished(fileSystem) { throw failure }
        try self.init(
            decoding: try opening { () throws(IOFailure) in
                try fileSystem.contents(of: DirectoryLayout.control)
            })
    }

    /// Control data from its parts; nothing left to recover but what lies past the checkpoint.
    public init(
        systemIdentifier: UInt64, state: State, timeline: Timeline, checkpoint: LSN, redo: LSN,
        segmentSize: SegmentSize, nextXID: TransactionID, checkpointTime: PostgresTime,
        files: CheckpointedFiles
    ) {
        self.systemIdentifier = systemIdentifier
        self.state = state
        self.timeline = timeline
        self.checkpoint = checkpoint
        self.redo = redo
        self.segmentSize = segmentSize
        self.nextXID = nextXID
        self.checkpointTime = checkpointTime
        self.files = files
        minimumRecovery = .invalid
        minimumRecoveryTimeline = timeline
    }
}
