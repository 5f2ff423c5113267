import LabClock
import Storage
import WALFormat

/// Holds the client ledger against what a node really has.
///
/// A commit is there when the survivor's own log holds a COMMIT that ends where the client was
/// told, on that timeline, with that key and value; and, if no later commit of the log changed the
/// key, when the survivor's table shows it.
///
/// - What a log no longer says, since it was removed at a checkpoint, `RemovedCommits` has.
/// - The log of a node that was seeded from a base backup begins with the backup. What was before
///   is read from the others' logs, along the survivor's lineage; where none has it any more, the
///   lineage alone speaks.
/// - A commit that the survivor's own log proves needs no other log: without a loss none is read.
struct LossAudit {
    private let ledger: ClientLedger
    private let survivor: String
    private let log: CommittedLog
    /// What the survivor's own disk says, and what each of the others' does.
    private let own: CommitIndex
    private var others: [String: CommitIndex] = [:]
    /// The survivor's table; nil when it is down, and then its log alone speaks.
    private let table: Database?
    /// Only for the column `reached`.
    private let sent: [String: [String: LSN]]
    /// What base backups have replaced on each node, for the same column and for where the old
    /// primary's log ended.
    private let former: [String: FormerLog]
    /// What the PostgreSQL member has confirmed, by its name; for that column alone.
    private let confirmed: [String: ConfirmedLog]
    private let madeAt: LabInstant
    /// How far each node's log is durable, or was when it went down.
    private let flushed: [String: LSN]
    private let running: Set<String>

    init(
        ledger: ClientLedger, survivor: String, log: CommittedLog, table: Database?,
        sent: [String: [String: LSN]], former: [String: FormerLog],
        confirmed: [String: ConfirmedLog], madeAt: LabInstant, flushed: [String: LSN],
        running: Set<String>
    ) {
        self.ledger = ledger
        self.survivor = survivor
        self.log = log
        self.table = table
        self.sent = sent
        self.former = former
        self.confirmed = confirmed
        self.madeAt = madeAt
        self.flushed = flushed
        self.running = running
        own = CommitIndex(log, durable: running.contains(survivor) ? flushed[survivor] : nil)
    }

    /// What another node's disk says.
    mutating func add(_ log: CommittedLog, of name: String) {
        others[name] = CommitIndex(log, durable: running.contains(name) ? flushed[name] : nil)
    }

    /// The report, if the survivor's own log proves every commit, and every write was answered.
    var reportOfNoLoss: LossReport? {
        let verdict = Verdict(own, table)
        let acknowledged = ledger.acknowledged
        guard !ledger.entries.contains(where: { $0.fate == .unknown }),
            acknowledged.allSatisfy({ verdict.isProven($0.entry, $0.acknowledgement) ?? false })
        else { return nil }
        return report(acknowledged.count, lost: [], unknown: [], ghosts: [])
    }

    /// The report; the others' logs must have been added.
    var report: LossReport {
        let kept = own.completed(by: Array(others.values), on: log)
        let verdict = Verdict(kept, table)
        let acknowledged = ledger.acknowledged
        let lost = acknowledged.filter { entry, ok in
            !(verdict.isProven(entry, ok)
                ?? (kept.isIncomplete(ok.place) || isBeforeAllLogs(ok.place, kept)))
        }
        let places = Set(acknowledged.map(\.acknowledgement.place))
        let unknown = ledger.entries.filter { $0.fate == .unknown }
        // There is such a change that no acknowledged write explains.
        let ghosts = Set(
            unknown.filter { kept.hasChange($0.key, to: $0.value, besides: places) }.map(\.id))
        return report(
            acknowledged.count, lost: lost,
            unknown: unknown.map { entry in
                UnknownWrite(
                    node: entry.node, key: entry.key, value: entry.value, askedAt: entry.askedAt,
                    survived: ghosts.contains(entry.id))
            }, ghosts: ghosts)
    }

    private func report(
        _ count: Int, lost: [(entry: ClientLedger.Entry, acknowledgement: Acknowledgement)],
        unknown: [UnknownWrite], ghosts: Set<ClientLedger.ID>
    ) -> LossReport {
        let salvaged = ledger.salvaged(among: lost.map(\.entry), ghosts: ghosts)
        let oldEnd = lost.last.flatMap { end(of: $0.entry.node, on: $0.acknowledgement.timeline) }
        return LossReport(
            survivor: survivor, timeline: log.timeline, fork: log.fork,
            lostByteCount: log.fork.flatMap { fork in oldEnd.map { max(0, $0 - fork) } },
            madeAt: madeAt, acknowledgedCount: count,
            lost: lost.map { entry, ok in
                record(entry, ok, isSalvaged: salvaged.contains(entry.id))
            },
            unknown: unknown)
    }

    private typealias Acknowledgement = ClientLedger.Acknowledgement

    /// Where the log of a node ended while it was on a timeline.
    private func end(of node: String, on timeline: Timeline) -> LSN? {
        former[node]?.ends[timeline] ?? flushed[node]
    }

    /// A commit of the survivor's own past that no log speaks of any more.
    private func isBeforeAllLogs(_ place: CommitPlace, _ kept: CommitIndex) -> Bool {
        kept[place]?.changes.isEmpty ?? true && place.end <= log.begin
            && log.isOnLineage(place.timeline, upTo: place.end)
    }

    private func record(
        _ entry: ClientLedger.Entry, _ ok: Acknowledgement, isSalvaged: Bool
    ) -> LostRecord {
        let place = ok.place
        var holders = Set(others.filter { $0.value[place] != nil }.keys)
        if own[place] != nil { holders.insert(survivor) }
        let formerHolders = former.filter { $0.value.commits.contains(place) }.keys
        let confirmers = confirmed.filter { $0.value.has(place) }.keys
        return LostRecord(
            lsn: ok.lsn, node: entry.node, key: entry.key, value: entry.value,
            acknowledgedAt: ok.at,
            reached: reach(
                of: ok.lsn, from: entry.node,
                holders: holders.union(formerHolders).union(confirmers).sorted()),
            isOnOldDisk: holders.contains(entry.node), isSalvaged: isSalvaged)
    }

    private func reach(of lsn: LSN, from node: String, holders: [String]) -> Reach {
        let others = holders.filter { $0 != node && $0 != survivor }
        if !others.isEmpty { return .receive(on: others) }
        let towards = (sent[node] ?? [:]).filter { $0.value >= lsn }.keys.sorted()
        return towards.isEmpty ? .ack : .send(towards: towards)
    }
}

/// What a log and a table say of acknowledged writes.
private struct Verdict {
    let kept: CommitIndex
    /// The table, and where each key was changed last; nil: the log alone speaks.
    let shown: (table: Database, lastChanges: [String: CommitPlace])?

    init(_ kept: CommitIndex, _ table: Database?) {
        self.kept = kept
        shown = table.map { ($0, kept.lastChanges) }
    }

    /// Whether a write is there as its client was told; nil: the log does not speak of it.
    func isProven(_ entry: ClientLedger.Entry, _ ok: ClientLedger.Acknowledgement) -> Bool? {
        let place = ok.place
        guard let change = kept[place]?.changes.last(where: { $0.key == entry.key }) else {
            return nil
        }
        guard change.value == entry.value else { return false }
        guard let shown, shown.lastChanges[entry.key] == place, place.end > kept.unsureUpTo else {
            return true
        }
        return shown.table.get(entry.key) == entry.value
    }
}

extension ClientLedger.Acknowledgement {
    fileprivate var place: CommitPlace { CommitPlace(timeline: timeline, end: lsn) }
}
