internal import TableFormat
public import WALFormat

/// The independent witness: what a directory's `pg_wal` itself says happened, read along the
/// timeline the node is on, from the oldest segment to the log's end.
///
/// It shares no state and no redo with `Database`: it replays Generic records onto pages of its
/// own, begun empty, and looks at what each transaction added and marked. It takes no lock and
/// writes nothing, so it can read a directory whose node is down, or one that is running and idle.
///
/// - When the oldest segments are gone, so may be part of a transaction: one that may have begun
///   there, or that changed a page of which no image has come yet, says so (`isComplete`).
public struct WALOnDisk: Sendable {
    /// A record and where it lies.
    public struct Entry: Hashable, Sendable {
        /// The record.
        public let record: WALRecord
        /// Its first byte.
        public let start: LSN
        /// Where the log goes on behind it.
        public let end: LSN
        /// The timeline that wrote it.
        public let timeline: Timeline
    }

    /// What a transaction made of a key in the end.
    public struct Change: Hashable, Sendable {
        /// The row's key.
        public let key: String
        /// The row's new value; nil: deleted.
        public let value: String?

        /// A change; also for those who compare.
        public init(key: String, value: String?) {
            self.key = key
            self.value = value
        }
    }

    /// A transaction whose COMMIT is in the log.
    public struct Transaction: Hashable, Sendable {
        /// Its number.
        public let xid: TransactionID
        /// Where its COMMIT record starts.
        public let commitStart: LSN
        /// Where its COMMIT record ends; it is committed on whoever has flushed this far.
        public let commitEnd: LSN
        /// The time in the COMMIT.
        public let time: PostgresTime
        /// The timeline the COMMIT is on.
        public let timeline: Timeline
        /// Its changes, one for each key, in the order of the last change to each.
        public let changes: [Change]
        /// False when the log may lack some of its changes, because older segments were removed.
        public let isComplete: Bool
    }

    /// How long a segment is.
    public let segmentSize: SegmentSize
    /// The timeline read, the last of its lineage.
    public var timeline: Timeline { lineage.current }
    /// Where that timeline left the one before; nil if it is the first.
    public var fork: LSN? { lineage.spans.count > 1 ? lineage.spans.last?.begin : nil }
    let lineage: Lineage
    /// All of it, for those who compare logs.
    public var extent: LogExtent { LogExtent(lineage, end: end) }
    /// The records up to the log's end, or up to the damage.
    public let records: [Entry]
    /// The end of the last record.
    public let end: LSN
    /// How the log ended; meaningless if `damage` is set.
    public let logEnd: LogEnd
    /// The damage at `end` behind which the log goes on.
    public let damage: WALDamage?

    /// Reads a directory's log.
    /// - Parameter timeline: nil: the one the node would recover to.
    public init(
        _ fileSystem: any FileSystem, timeline: Timeline? = nil
    ) throws(OpenFailure) {
        let control = try ControlData(reading: fileSystem)
        var scan = try Self.scan(fileSystem, control, timeline)
        (records, damage) = try Self.read(&scan)
        segmentSize = control.segmentSize
        lineage = scan.lineage
        end = scan.end
        logEnd = scan.logEnd ?? .clean
    }

    /// A reader at the oldest segment from which on the log is there.
    static func scan(
        _ fileSystem: any FileSystem, _ control: ControlData, _ timeline: Timeline? = nil
    ) throws(OpenFailure) -> LogScan {
        let directory = WALDirectory(fileSystem: fileSystem, segmentSize: control.segmentSize)
        let lineage = try Self.lineage(directory, control, timeline)
        let start = try Self.oldest(directory, lineage, control)
        return LogScan(directory, lineage, from: start, systemIdentifier: control.systemIdentifier)
    }

    /// The timeline that wrote the byte at a position of this log.
    public func timeline(at position: LSN) -> Timeline { lineage.timeline(at: position) }

    /// The transactions that committed, in the order of their COMMITs, with what they changed.
    public func transactions() -> [Transaction] {
        var reconstruction = Reconstruction()
        return records.compactMap { reconstruction.take($0) }
    }

    /// Whether this log goes on from a timeline's log up to a position, or holds it.
    public func isOnLineage(_ timeline: Timeline, upTo position: LSN) -> Bool {
        lineage.spans.contains { span in
            span.timeline == timeline && span.end.map { position <= $0 } ?? true
        }
    }

    private static func read(
        _ scan: inout LogScan
    ) throws(OpenFailure) -> (records: [Entry], damage: WALDamage?) {
        var records: [Entry] = []
        do {
            while let found = try scan.next() {
                records.append(
                    Entry(
                        record: found.record, start: found.start, end: found.end,
                        timeline: scan.lineage.timeline(at: found.start)))
            }
            return (records, nil)
        } catch {
            guard case .corrupt(let damage) = error else { throw error }
            return (records, damage)
        }
    }

    private static func lineage(
        _ directory: WALDirectory, _ control: ControlData, _ timeline: Timeline?
    ) throws(OpenFailure) -> Lineage {
        guard let timeline else {
            let isStandby = try opening { () throws(IOFailure) in
                try directory.fileSystem.exists(DirectoryLayout.standbySignal)
            }
            return try directory.currentLineage(control, isStandby: isStandby)
        }
        do {
            return try directory.lineage(of: timeline)
        } catch {
            throw OpenFailure(error, at: control.checkpoint)
        }
    }

    /// The start of the oldest segment from which the log is there without a gap.
    private static func oldest(
        _ directory: WALDirectory, _ lineage: Lineage, _ control: ControlData
    ) throws(OpenFailure) -> LSN {
        let size = directory.segmentSize
        do {
            var number = size.number(containing: control.checkpoint)
            while number > 0, try directory.open(number - 1, of: lineage) != nil { number -= 1 }
            return size.start(of: number)
        } catch {
            throw OpenFailure(error, at: control.checkpoint)
        }
    }
}
