public import WALFormat

/// What recovery did, and where and how the log ended.
public struct RecoveryReport: Hashable, Sendable {
    /// Records replayed; none after a clean stop.
    public var recordsReplayed: Int
    /// Where replay began: the control data's redo point.
    public var redoStart: LSN
    /// The end of the last good record: a standby's flush position; where a primary went on.
    public var end: LSN
    /// Where the last good record starts: what the next one names as its previous one.
    public var lastRecordStart: LSN
    /// How the log ended.
    public var logEnd: LogEnd
    /// The time in the last COMMIT replayed; nil when none was.
    public var lastCommitTime: PostgresTime?
    /// A primary: the timeline it writes. A standby: the one that wrote the last byte it has; it
    /// may have the history of a younger one that begins right there, or further on.
    public var timeline: Timeline
    /// Whether the node had been stopped cleanly, so that there was nothing to recover.
    public var wasCleanlyStopped: Bool
    /// Pages found torn that images in the log restored.
    public var restoredPages: [PageDamage]
    /// Pages found damaged and used nevertheless, because that was asked for.
    public var ignoredDamage: [PageDamage]
}

/// How a log ended. Whatever was behind the end is cut off before anything is written again.
public enum LogEnd: Hashable, Sendable {
    /// Nothing was ever written behind the last record.
    case clean
    /// An interrupted write left part of a record here.
    case tornTail(at: LSN)
    /// The record here is whole but its checksum disagrees, and nothing follows it.
    case damagedLast(at: LSN, storedCRC: UInt32, computedCRC: UInt32)
}

/// A damaged place in the log that good records follow: the log went on there once, so ending it
/// there would silently drop what was acknowledged.
public struct WALDamage: Hashable, Sendable, CustomStringConvertible {
    /// The end of the last good record before the damage.
    public let at: LSN
    /// The checksum in the damaged record, if the damage left one to read.
    public let storedCRC: UInt32?
    /// The checksum of the damaged record's bytes.
    public let computedCRC: UInt32?
    /// Where the first good record behind the damage starts.
    public let nextGoodRecord: LSN

    init(at: LSN, _ apparent: LogEnd, nextGoodRecord: LSN) {
        self.at = at
        self.nextGoodRecord = nextGoodRecord
        switch apparent {
        case .damagedLast(_, let stored, let computed):
            storedCRC = stored
            computedCRC = computed
        case .clean, .tornTail:
            storedCRC = nil
            computedCRC = nil
        }
    }

    /// One line for the learner.
    public var description: String {
        let place = "WAL is corrupt at \(at)"
        let proof = "a good record follows at \(nextGoodRecord)"
        guard let storedCRC, let computedCRC else { return "\(place): \(proof)" }
        let stored = String(storedCRC, radix: 16)
        let computed = String(computedCRC, radix: 16)
        return "\(place): checksum \(stored) stored, \(computed) computed; \(proof)"
    }
}
