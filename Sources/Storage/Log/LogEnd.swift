public import WALFormat

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
