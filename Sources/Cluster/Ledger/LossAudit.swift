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
    private var others: [String: DiskWitness] = [:]
    /// The survivor's table; nil when it is down, and then its log alone speaks.
    private let table: Database?
    /// Only for the column `reached`, and for where the old primary's log ended.
    private let logReach: LogReach
    /// The PostgreSQL member and what is on its disk by its own word, while there is one.
    private let postgres: (name: String, confirmed: ReachedLog)?
    private let madeAt: LabInstant
    /// How far each node's log is durable, or was when it went down.
    private let flushed: [String: LSN]
    private let running: Set<String>

    init(
        ledger: ClientLedger, survivor: String, log: CommittedLog, table: Database?,
        logReach: LogReach, postgres: (String, ReachedLog)?, madeAt: LabInstant,
        flushed: [String: LSN], running: Set<String>
    ) {
        self.ledger = ledger
        self.survivor = survivor
        self.log = log
        self.table = table
        self.logReach = logReach
        self.postgres = postgres.map { (name: $0.0, confirmed: $0.1) }
        self.madeAt = madeAt
        self.flushed = flushed
        self.running = running
        own = CommitIndex(log, durable: running.contains(survivor) ? flushed[survivor] : nil)
    }

    /// What another node's disk says.
    mutating func add(_ log: CommittedLog, of name: String) {
        others[name] = DiskWitness(log, durable: running.contains(name) ? flushed[name] : nil)
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
        let kept = own.completed(by: others.values.map(\.index), on: log)
        let verdict = Verdict(kept, table)
        let acknowledged = ledger.acknowledged
        let lost = acknowledged.filter { entry, ok in
            let place = ok.position
            return
                !(verdict.isProven(entry, ok)
                ?? (kept.isIncomplete(place) || isBeforeAllLogs(place, kept)))
        }
        let places = Set(acknowledged.map(\.acknowledgement.position))
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
        let oldEnd = lost.last.flatMap {
            logReach.end(of: $0.entry.node, on: $0.acknowledgement.timeline)
        }
        return LossReport(
            survivor: survivor, timeline: log.timeline, fork: log.fork,
            lostByteCount: log.fork.flatMap { fork in oldEnd.map { max(0, $0 - fork) } },
            madeAt: madeAt, acknowledgedCount: count, hasSharedCommits: ledger.hasSharedCommits,
            lost: lost.map { entry, ok in
                record(entry, ok, isSalvaged: salvaged.contains(entry.id))
            },
            unknown: unknown)
    }

    private typealias Acknowledgement = ClientLedger.Acknowledgement

    /// A commit of the survivor's own past that no log speaks of any more.
    private func isBeforeAllLogs(_ place: LogPosition, _ kept: CommitIndex) -> Bool {
        kept[place]?.changes.isEmpty ?? true && place.lsn <= log.begin
            && log.isOnLineage(place.timeline, upTo: place.lsn)
    }

    private func record(
        _ entry: ClientLedger.Entry, _ ok: Acknowledgement, isSalvaged: Bool
    ) -> LostRecord {
        LostRecord(
            lsn: ok.lsn, timeline: ok.timeline, node: entry.node, client: entry.client,
            key: entry.key, value: entry.value, acknowledgedAt: ok.at,
            isZombie: ok.isZombie,
            reached: logReach.reach(of: ok.position, from: entry.node), disks: disks(with: ok),
            isSalvaged: isSalvaged)
    }

    /// Whose disks still hold a lost commit. The survivor's may, in its log alone.
    private func disks(with ok: Acknowledgement) -> [String] {
        var disks = others.filter { $0.value.holds(ok.position) }.map(\.key)
        if own[ok.position] != nil { disks.append(survivor) }
        if let postgres, postgres.confirmed.includes(ok.position) { disks.append(postgres.name) }
        return disks.sorted()
    }
}

/// What a disk says of commits. It holds one when recovery would find it there: in the log, or in
/// the table if the log begins behind it.
private struct DiskWitness {
    let index: CommitIndex
    private let log: CommittedLog

    init(_ log: CommittedLog, durable: LSN?) {
        self.log = log
        index = CommitIndex(log, durable: durable)
    }

    func holds(_ commit: LogPosition) -> Bool {
        // What was removed of a log that a backup has replaced may reach further than the new one.
        guard commit.lsn <= log.end else { return false }
        return index[commit] != nil
            || commit.lsn <= log.begin && log.isOnLineage(commit.timeline, upTo: commit.lsn)
    }
}

/// What a log and a table say of acknowledged writes.
private struct Verdict {
    let kept: CommitIndex
    /// The table, and where each key was changed last; nil: the log alone speaks.
    let shown: (table: Database, lastChanges: [String: LogPosition])?

    init(_ kept: CommitIndex, _ table: Database?) {
        self.kept = kept
        shown = table.map { ($0, kept.lastChanges) }
    }

    /// Whether a write is there as its client was told; nil: the log does not speak of it.
    func isProven(_ entry: ClientLedger.Entry, _ ok: ClientLedger.Acknowledgement) -> Bool? {
        let place = ok.position
        guard let change = kept[place]?.changes.last(where: { $0.key == entry.key }) else {
            return nil
        }
        guard change.value == entry.value else { return false }
        guard let shown, shown.lastChanges[entry.key] == place, place.lsn > kept.unsureUpTo else {
            return true
        }
        return shown.table.get(entry.key) == entry.value
    }
}
