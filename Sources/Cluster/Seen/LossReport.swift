public import LabClock
public import WALFormat

/// The loss ledger: which acknowledged commits a node does not have, record by record.
///
/// It is made of two things only: what clients were told, written where they would see it
/// (`ClientLedger`), and what the node's own log and table say (`WALOnDisk`, rows read). The
/// shipper's word is used for one column alone, how far a lost record got.
public struct LossReport: Hashable, Sendable {
    /// The node whose log and table were held against the ledger: the new primary.
    public let survivor: String
    /// The timeline it is on.
    public let timeline: Timeline
    /// Where that timeline left the one before; nil if it is the first.
    public let fork: LSN?
    /// Where the old primary's log ended when it was last seen, in bytes behind the fork; nil when
    /// there was no old primary.
    public let lostByteCount: Int?
    /// When it was made.
    public let madeAt: LabInstant
    /// Commits that clients were told OK about, ever.
    public let acknowledgedCount: Int
    /// Those that are gone, in the order of their OKs.
    public let lost: [LostRecord]
    /// Writes whose clients heard neither OK nor an error, and what became of them.
    public let unknown: [UnknownWrite]

    /// Acknowledged commits that are there.
    public var survivedCount: Int { acknowledgedCount - lost.count }
    /// From the first lost OK to the last; nil when nothing is lost.
    public var span: (first: LabInstant, last: LabInstant)? {
        guard let first = lost.first, let last = lost.last else { return nil }
        return (first.acknowledgedAt, last.acknowledgedAt)
    }
}

/// One acknowledged commit that the survivor does not have.
public struct LostRecord: Hashable, Sendable {
    /// Where its COMMIT record ended on the node that acknowledged it.
    public let lsn: LSN
    /// The node whose OK it was.
    public let node: String
    /// The key.
    public let key: String
    /// The value; nil for a delete.
    public let value: String?
    /// When its client was told OK.
    public let acknowledgedAt: LabInstant
    /// How far it got.
    public let reached: Reach
    /// Whether the disk of the node that acknowledged it still holds it.
    public let isOnOldDisk: Bool
}

/// How far a record got on its way out of the node that acknowledged it: the chapter's stages.
public enum Reach: Hashable, Sendable {
    /// Its client was told OK; it never left the node.
    case ack
    /// It was handed to the socket towards these replicas, and died on the wire.
    case send(towards: [String])
    /// These nodes, none of them the survivor, have it in their logs.
    case receive(on: [String])
}

/// A write whose client never learned what became of it.
public struct UnknownWrite: Hashable, Sendable {
    /// The node it was sent to.
    public let node: String
    /// The key.
    public let key: String
    /// The value; nil for a delete.
    public let value: String?
    /// When it was sent.
    public let askedAt: LabInstant
    /// Whether the survivor has it: a ghost.
    public let survived: Bool
}
