package import LabClock
package import WALFormat

/// The loss ledger: which acknowledged commits a node does not have, record by record.
///
/// It is made of two things only: what clients were told, written where they would see it
/// (`ClientLedger`), and what the node's own log and table say (`WALOnDisk`, rows read). The
/// shipper's counters are used for one column alone, how far a lost record got.
package struct LossReport: Hashable, Sendable {
    /// The node whose log and table were held against the ledger: the new primary.
    package let survivor: String
    /// The timeline it is on.
    package let timeline: Timeline
    /// Where that timeline left the one before; nil if it is the first.
    package let fork: LSN?
    /// Where the old primary's log ended when it was last seen, in bytes behind the fork; nil when
    /// there was no old primary.
    package let lostByteCount: Int?
    package let madeAt: LabInstant
    /// Commits that clients were told OK about, ever.
    package let acknowledgedCount: Int
    /// Some commit had more than one write: commits and acknowledged writes are two numbers.
    package let hasSharedCommits: Bool
    /// Those that are gone, in the order of their OKs.
    package let lost: [LostRecord]
    /// Writes whose clients heard neither OK nor an error, and what became of them.
    package let unknown: [UnknownWrite]

    /// Acknowledged commits that are there.
    package var survivedCount: Int { acknowledgedCount - lost.count }
    /// From the first lost OK to the last; nil when nothing is lost.
    package var span: (first: LabInstant, last: LabInstant)? {
        guard let first = lost.first, let last = lost.last else { return nil }
        return (first.acknowledgedAt, last.acknowledgedAt)
    }
}

/// One acknowledged commit that the survivor does not have.
package struct LostRecord: Hashable, Sendable {
    /// Where its COMMIT record ended on the node that acknowledged it.
    package let lsn: LSN
    /// The timeline it was on.
    package let timeline: Timeline
    /// The node whose OK it was.
    package let node: String
    /// The outside program that was told OK; nil: the lab's own client.
    package let client: String?
    package let key: String
    /// The value; nil for a delete.
    package let value: String?
    /// When its client was told OK.
    package let acknowledgedAt: LabInstant
    /// Another node had been promoted by then: an old primary went on acknowledging.
    package let isZombie: Bool
    /// How far it got.
    package let reached: Reach
    /// Whose disks still hold it, by name: a `get` there, once the node is up, finds what it did.
    package let disks: [String]

    /// Whether the disk of the node that acknowledged it still holds it.
    package var isOnOldDisk: Bool { disks.contains(node) }
    /// Whether a later write that the survivor has did it again.
    package let isSalvaged: Bool
}

/// How far a record got on its way out of the node that acknowledged it: the chapter's stages.
package enum Reach: Hashable, Sendable {
    /// Its client was told OK; it never left the node.
    case ack
    /// It was handed to the socket towards these replicas, and none of them had it durably.
    case send(towards: [String])
    /// These members had it durably in their logs, whether or not they have it now.
    case receive(on: [String])
}

/// A write whose client never learned what became of it.
package struct UnknownWrite: Hashable, Sendable {
    /// The node it was sent to.
    package let node: String
    package let key: String
    /// The value; nil for a delete.
    package let value: String?
    /// When it was sent.
    package let askedAt: LabInstant
    /// Whether the survivor has it: a ghost.
    package let survived: Bool
}
