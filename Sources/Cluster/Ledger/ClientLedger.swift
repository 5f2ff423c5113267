import DatabaseNode
package import LabClock
import Storage
package import WALFormat

/// What clients asked for and what they were told, written where a client would see it: of the
/// lab's own at the client's end of its connection, of outside programs at the door of the node,
/// where their OK is handed to the socket. The shipper never writes here.
///
/// - Of outside programs it has what they were told OK of, and nothing else.
/// - An entry is *acknowledged* when the bytes of its OK have arrived, with the position the OK
///   named; *failed* when an error arrived; *unknown* when neither did before the connection went.
/// - Entries keep the order in which they were asked for.
package struct ClientLedger: Sendable {
    /// Names one entry; the order of asking.
    package typealias ID = Int

    /// One write by a client.
    package struct Entry: Hashable, Sendable {
        /// The order of asking.
        package let id: ID
        /// The node it was sent to.
        package let node: String
        /// The outside program that sent it; nil: the lab's own client.
        package let client: String?
        package let key: String
        /// The new value; nil for a delete.
        package let value: String?
        /// When it was sent.
        package let askedAt: LabInstant
        /// What the client knows.
        package internal(set) var fate: Fate
        /// The first write of its transaction, if that had others and was not acknowledged: they
        /// are all there, or none is. What was acknowledged shares the place of its COMMIT.
        package let together: ID?
        /// The later write that did a lost one again (`salvage`).
        package let salvagedBy: ID?

        init(
            id: ID, node: String, client: String?, key: String, value: String?,
            askedAt: LabInstant, fate: Fate, together: ID?, salvagedBy: ID?
        ) {
            self.id = id
            self.node = node
            self.client = client
            self.key = key
            self.value = value
            self.askedAt = askedAt
            self.fate = fate
            self.together = together
            self.salvagedBy = salvagedBy
        }
    }

    /// What a client knows of its write.
    package enum Fate: Hashable, Sendable {
        case pending
        case acknowledged(Acknowledgement)
        case failed(String)
        /// It was told that nothing was there to change.
        case unchanged
        case unknown
    }

    /// An OK that arrived.
    package struct Acknowledgement: Hashable, Sendable {
        /// Where the transaction's COMMIT record ends.
        package let lsn: LSN
        /// The timeline the server was on.
        package let timeline: Timeline
        /// When the OK arrived.
        package let at: LabInstant
        /// It came from an old primary, when another node had been promoted: lost from the moment
        /// it was told.
        package let isZombie: Bool

        package init(lsn: LSN, timeline: Timeline, at: LabInstant, isZombie: Bool = false) {
            self.lsn = lsn
            self.timeline = timeline
            self.at = at
            self.isZombie = isZombie
        }

        fileprivate var asZombie: Acknowledgement {
            Acknowledgement(lsn: lsn, timeline: timeline, at: at, isZombie: true)
        }
    }

    /// All writes, in the order of asking.
    package private(set) var entries = LedgerEntries()
    /// How many of them were acknowledged.
    package private(set) var acknowledgedCount = 0
    /// Some commit had more than one write: commits and acknowledged writes are two numbers.
    private(set) var hasSharedCommits = false
    /// The newest timeline that somebody was promoted to: who gives an OK on an older one is an
    /// old primary.
    private var newestTimeline = Timeline.first
    /// How many OKs of old primaries there were, by node.
    private(set) var zombieCounts: [String: Int] = [:]
    /// For `newest(of:)`.
    private var newestWrites = NewestWrites()
    /// The writes of which something was learned since `takeNews`, if anybody asks for news.
    private var news: Set<ID>?

    /// An empty ledger.
    package init() {}

    /// A ledger that goes on behind an earlier one, and knows what is new in it.
    init(after entries: [Entry]) {
        self.entries = LedgerEntries(entries)
        acknowledgedCount = entries.count { $0.fate.isAcknowledged }
        let positions = acknowledged.map(\.acknowledgement.position)
        hasSharedCommits = Set(positions).count < positions.count
        for entry in acknowledged where entry.acknowledgement.isZombie {
            zombieCounts[entry.entry.node, default: 0] += 1
        }
        news = []
    }

    /// Somebody has been promoted.
    mutating func promoted(to timeline: Timeline) {
        newestTimeline = max(newestTimeline, timeline)
    }

    /// News that could not be kept: they are news still.
    mutating func putBack(_ entries: [Entry]) {
        news?.formUnion(entries.map(\.id))
    }

    /// The writes of which something was learned since this was last called.
    mutating func takeNews() -> [Entry] {
        guard let ids = news, !ids.isEmpty else { return [] }
        news = []
        return ids.sorted().map { entries[$0] }
    }

    /// A client sends a write.
    package mutating func asked(
        node: String, key: String, value: String?, at instant: LabInstant
    ) -> ID {
        let id = entries.count
        entries.append(node: node, client: nil, key: key, value: value, askedAt: instant)
        news?.insert(id)
        return id
    }

    /// A client learned what became of its write.
    package mutating func learned(_ id: ID, _ fate: Fate) {
        if entries.fate(of: id).isAcknowledged { acknowledgedCount -= 1 }
        if fate.isAcknowledged { acknowledgedCount += 1 }
        if let told = fate.acknowledgement, told.timeline < newestTimeline {
            zombieCounts[entries[id].node, default: 0] += 1
            entries.set(.acknowledged(told.asZombie), of: id)
        } else {
            entries.set(fate, of: id)
        }
        news?.insert(id)
    }

    /// The writes of one commit were acknowledged.
    package mutating func learned(_ ids: [ID], of commit: Acknowledgement) {
        for id in ids { learned(id, .acknowledged(commit)) }
        if ids.count > 1 { hasSharedCommits = true }
    }

    /// The writes of one transaction share a fate that is no OK.
    mutating func learned(_ ids: [ID], together fate: Fate) {
        for id in ids { learned(id, fate) }
        guard ids.count > 1 else { return }
        for id in ids { entries.setLeader(ids[0], of: id) }
    }

    /// A node has told an outside program OK.
    mutating func told(_ commit: OutsideCommit, by node: String, at instant: LabInstant) {
        let ids = commit.changes.map { change in
            entries.append(
                node: node, client: commit.client, key: change.key, value: change.value,
                askedAt: instant)
            return entries.count - 1
        }
        learned(
            ids,
            of: Acknowledgement(
                lsn: commit.position.lsn, timeline: commit.position.timeline, at: instant))
    }

    /// A later write does a lost one again; whether that helps is for its own fate to say.
    mutating func salvaged(_ id: ID, by later: ID) {
        entries.setSalvager(later, of: id)
        news?.insert(id)
    }

    /// Those of the lost writes that a later one did again that is not lost, or was itself done
    /// again so. Of those that were never answered the `ghosts` are there.
    func salvaged(among lost: [Entry], ghosts: Set<ID>) -> Set<ID> {
        let lostIDs = Set(lost.map(\.id))
        var salvaged: Set<ID> = []
        // From the newest on: what does a write again was asked for later than the write.
        for entry in lost.sorted(by: { $0.id > $1.id }) {
            guard let later = entry.salvagedBy, later < entries.count else { continue }
            let isKnown = entries.fate(of: later).isAcknowledged && !lostIDs.contains(later)
            let isThere = isKnown || ghosts.contains(later)
            if isThere || salvaged.contains(later) { salvaged.insert(entry.id) }
        }
        return salvaged
    }

    /// The writes whose OK arrived, in the order of asking.
    package var acknowledged: [(entry: Entry, acknowledgement: Acknowledgement)] {
        entries.compactMap { entry in entry.fate.acknowledgement.map { (entry, $0) } }
    }

    /// The last of the lab's own that did not change a key.
    func newest(besides key: String) -> Acknowledgement? {
        entries.last { $0.fate.isAcknowledged && $0.key != key && $0.client == nil }?.fate
            .acknowledgement
    }

    /// The last of the lab's own that changed a key.
    mutating func newest(of key: String) -> Acknowledgement? {
        newestWrites.entry(of: key, in: entries)?.fate.acknowledgement
    }
}

extension ClientLedger.Fate {
    /// The OK, if it arrived.
    var acknowledgement: ClientLedger.Acknowledgement? {
        switch self {
        case .acknowledged(let acknowledgement): acknowledgement
        case .pending, .failed, .unchanged, .unknown: nil
        }
    }

    fileprivate var isAcknowledged: Bool { acknowledgement != nil }
}
