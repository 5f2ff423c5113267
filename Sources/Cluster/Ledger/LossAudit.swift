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
    /// What is lost, before anybody has looked who still holds it.
    struct Finding {
        let acknowledgedCount: Int
        fileprivate(set) var lost: [Lost] = []
        /// What was never answered.
        let unknown: [Unconfirmed]
        /// What failed.
        let failed: [Unconfirmed]
    }

    /// A write whose client was not told OK, and the COMMIT that is there nevertheless.
    typealias Unconfirmed = (entry: ClientLedger.Entry, commit: LogPosition?)

    /// A lost write, and the nodes whose table or log still holds it.
    struct Lost {
        let entry: ClientLedger.Entry
        let acknowledgement: ClientLedger.Acknowledgement
        fileprivate(set) var tables: [String] = []
        fileprivate(set) var logs: [String] = []
    }

    private let ledger: ClientLedger
    private let survivor: String
    private let log: CommittedLog
    /// What the survivor's own disk says, and what each of the others' does.
    private let own: DiskWitness
    private var others: [String: DiskWitness] = [:]
    /// The survivor's table; nil when it is down, and then its log alone speaks.
    private let table: Database?
    /// Only for the column `reached`, and for where the old primary's log ended.
    private let logReach: LogReach
    /// The PostgreSQL member and what is on its disk by its own word, while there is one.
    private let postgres: (name: String, confirmed: ReachedLog)?
    /// Which promotions there were, and what each has lost.
    private let failovers: [Failover]
    private let cause: LossCause
    private let madeAt: LabInstant
    /// How far each node's log is durable, or was when it went down.
    private let flushed: [String: LSN]
    private let running: Set<String>

    init(
        ledger: ClientLedger, survivor: String, log: CommittedLog, table: Database?,
        logReach: LogReach, postgres: (String, ReachedLog)?, failovers: [Failover],
        cause: LossCause, madeAt: LabInstant, flushed: [String: LSN], running: Set<String>
    ) {
        self.ledger = ledger
        self.survivor = survivor
        self.log = log
        self.table = table
        self.logReach = logReach
        self.postgres = postgres.map { (name: $0.0, confirmed: $0.1) }
        self.failovers = failovers
        self.cause = cause
        self.madeAt = madeAt
        self.flushed = flushed
        self.running = running
        own = DiskWitness(log, durable: running.contains(survivor) ? flushed[survivor] : nil)
    }

    /// What another node's disk says.
    mutating func add(_ log: CommittedLog, of name: String) {
        others[name] = DiskWitness(log, durable: running.contains(name) ? flushed[name] : nil)
    }

    /// The report, if the survivor's own log proves every commit, and every write was answered.
    var reportOfNoLoss: LossReport? {
        let verdict = Verdict(own.index, table)
        let acknowledged = ledger.acknowledged
        let failed = ledger.entries.filter(\.hasFailed)
        guard !ledger.entries.contains(where: { $0.fate == .unknown }),
            acknowledged.allSatisfy({ verdict.isProven($0.entry, $0.acknowledgement) ?? false })
        else { return nil }
        let places = Set(acknowledged.map(\.acknowledgement.position))
        var search = GhostSearch(own.index, told: failed.isEmpty ? [] : places)
        return report(
            Finding(
                acknowledgedCount: acknowledged.count, unknown: [],
                failed: failed.isEmpty ? [] : search.commits(of: failed)))
    }

    /// What is lost; the others' logs must have been added.
    var finding: Finding {
        let kept = own.index.completed(by: others.values.map(\.index), on: log)
        let verdict = Verdict(kept, table)
        let acknowledged = ledger.acknowledged
        let lost = acknowledged.filter { entry, ok in
            let place = ok.position
            return
                !(verdict.isProven(entry, ok)
                ?? (kept.isIncomplete(place) || isBeforeAllLogs(place, kept)))
        }
        let places = Set(acknowledged.map(\.acknowledgement.position))
        var search = GhostSearch(kept, told: places)
        let unknown = search.commits(of: ledger.entries.filter { $0.fate == .unknown })
        let failed = search.commits(of: ledger.entries.filter(\.hasFailed))
        return Finding(
            acknowledgedCount: acknowledged.count,
            lost: lost.map { Lost(entry: $0.entry, acknowledgement: $0.acknowledgement) },
            unknown: unknown, failed: failed)
    }

    /// The report of what was found.
    func report(_ finding: Finding) -> LossReport {
        let lost = finding.lost
        let ghosts = Set(finding.unknown.filter { $0.commit != nil }.map(\.entry.id))
        let salvaged = ledger.salvaged(among: lost.map(\.entry), ghosts: ghosts)
        let oldEnd = lost.last.flatMap {
            logReach.end(of: $0.entry.node, on: $0.acknowledgement.timeline)
        }
        return LossReport(
            survivor: survivor, timeline: log.timeline, fork: log.fork,
            lostByteCount: log.fork.flatMap { fork in oldEnd.map { max(0, $0 - fork) } },
            madeAt: madeAt, acknowledgedCount: finding.acknowledgedCount,
            hasSharedCommits: ledger.hasSharedCommits,
            lost: lost.map { record($0, isSalvaged: salvaged.contains($0.entry.id)) },
            failovers: failovers,
            unknown: finding.unknown.map { UnconfirmedWrite($0.entry, $0.commit) },
            failedCount: finding.failed.count,
            failedGhosts: finding.failed.filter { $0.commit != nil }.map {
                UnconfirmedWrite($0.entry, $0.commit)
            })
    }

    private typealias Acknowledgement = ClientLedger.Acknowledgement

    /// A commit of the survivor's own past that no log speaks of any more.
    private func isBeforeAllLogs(_ place: LogPosition, _ kept: CommitIndex) -> Bool {
        kept[place]?.changes.isEmpty ?? true && place.lsn <= log.begin
            && log.isOnLineage(place.timeline, upTo: place.lsn)
    }

    private func record(_ lost: Lost, isSalvaged: Bool) -> LostRecord {
        let (entry, ok) = (lost.entry, lost.acknowledgement)
        let pg = postgres.flatMap { $0.confirmed.includes(ok.position) ? $0.name : nil }
        return LostRecord(
            lsn: ok.lsn, timeline: ok.timeline, node: entry.node, client: entry.client,
            key: entry.key, value: entry.value, acknowledgedAt: ok.at,
            isZombie: ok.isZombie,
            reached: logReach.reach(of: ok.position, from: entry.node),
            disks: (lost.tables + lost.logs + (pg.map { [$0] } ?? [])).sorted(),
            tables: lost.tables.sorted(), isSalvaged: isSalvaged,
            lostBy: cause.timeline(of: ok.position))
    }
}

// Whose disks still hold what is lost.
extension LossAudit {
    /// Whether a disk's table is worth reading: its log goes through one of these.
    func mayHold(_ lost: [Lost], on name: String) -> Bool {
        guard let witness = witness(name) else { return false }
        return lost.contains { witness.goesThrough($0.acknowledgement.position) }
    }

    /// Notes of each what a disk holds.
    /// - Parameter table: what recovery makes of the disk; nil: it cannot be read.
    func note(in finding: inout Finding, heldBy name: String, table: Database?) {
        guard let witness = witness(name) else { return }
        for index in finding.lost.indices {
            let lost = finding.lost[index]
            switch witness.place(of: lost.entry, lost.acknowledgement.position, table: table) {
            case .table: finding.lost[index].tables.append(name)
            case .log: finding.lost[index].logs.append(name)
            case nil: break
            }
        }
    }

    private func witness(_ name: String) -> DiskWitness? {
        name == survivor ? own : others[name]
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

extension UnconfirmedWrite {
    fileprivate init(_ entry: ClientLedger.Entry, _ commit: LogPosition?) {
        self.init(
            node: entry.node, key: entry.key, value: entry.value, askedAt: entry.askedAt,
            error: entry.fate.error, commit: commit)
    }
}

extension ClientLedger.Entry {
    fileprivate var hasFailed: Bool { fate.error != nil }
}

extension ClientLedger.Fate {
    fileprivate var error: String? {
        switch self {
        case .failed(let reason): reason
        case .pending, .acknowledged, .unchanged, .unknown: nil
        }
    }
}
