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
    /// All promotions there were, in their order.
    package let failovers: [Failover]
    /// Writes whose clients heard neither OK nor an error, and what became of them.
    package let unknown: [UnconfirmedWrite]
    /// Writes whose clients were told of an error.
    package let failedCount: Int
    /// Those of them that are there nevertheless.
    package let failedGhosts: [UnconfirmedWrite]

    /// What was lost by the promotion that began the survivor's timeline, and by none before.
    package var ownLost: [LostRecord] { lost.filter { $0.lostBy == timeline } }

    /// The unanswered writes since the promotion before the last.
    package var ownUnknown: [UnconfirmedWrite] {
        guard let before = failovers.dropLast().last else { return unknown }
        return unknown.filter { $0.askedAt >= before.at }
    }

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
    /// Whose disks still hold it, by name: in the table or in the log.
    package let disks: [String]
    /// Those of them whose table does, as recovery makes it: a `get` there finds what it did. The
    /// others have it in their log alone: a later commit there has changed the key again. What a
    /// PostgreSQL has in its table is not looked at.
    package let tables: [String]

    /// Whether the table of the node that acknowledged it still holds it.
    package var isInOldTable: Bool { tables.contains(node) }
    /// Whether the disk of the node that acknowledged it still holds it.
    package var isOnOldDisk: Bool { disks.contains(node) }
    /// Whether a later write that the survivor has did it again.
    package let isSalvaged: Bool
    /// The timeline that began with its loss; nil: no promotion has lost it.
    package let lostBy: Timeline?
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

/// A write whose client was not told OK: it heard an error, or nothing.
package struct UnconfirmedWrite: Hashable, Sendable {
    /// The node it was sent to.
    package let node: String
    package let key: String
    /// The value; nil for a delete.
    package let value: String?
    /// When it was sent.
    package let askedAt: LabInstant
    /// What the client was told; nil: nothing.
    package let error: String?
    /// The COMMIT that the survivor has of it; nil: it has none.
    package let commit: LogPosition?

    /// Whether the survivor has it: a ghost.
    package var survived: Bool { commit != nil }
}
