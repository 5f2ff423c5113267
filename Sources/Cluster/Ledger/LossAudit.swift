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
struct LossAudit {
    let ledger: ClientLedger
    let survivor: String
    /// What every node's disk says.
    let logs: [String: DurableCommits]
    /// The survivor's table; nil when it is down, and then its log alone speaks.
    let table: Database?
    /// Only for the column `reached`.
    let sent: [String: [String: LSN]]
    /// What base backups have replaced on each node, for the same column and for where the old
    /// primary's log ended.
    let former: [String: FormerLog]
    /// What the PostgreSQL member has confirmed, by its name; for that column alone.
    let confirmed: [String: ConfirmedLog]
    let madeAt: LabInstant
    /// How far each node's log is durable, or was when it went down.
    let flushed: [String: LSN]

    var report: LossReport {
        guard let commits = logs[survivor] else {
            preconditionFailure("the survivor's log was not read")
        }
        let log = commits.log
        let indexes = logs.mapValues { CommitIndex($0) }
        let kept = CommitIndex(
            commits, completedBy: logs.filter { $0.key != survivor }.map(\.value))
        let acknowledged = ledger.acknowledged
        let lost = acknowledged.filter { !has($0.entry, $0.acknowledgement, kept, log) }
        let fork = log.fork
        let oldEnd = lost.last.flatMap { end(of: $0.entry.node, on: $0.acknowledgement.timeline) }
        return LossReport(
            survivor: survivor, timeline: log.timeline, fork: fork,
            lostByteCount: fork.flatMap { fork in oldEnd.map { max(0, $0 - fork) } },
            madeAt: madeAt, acknowledgedCount: acknowledged.count,
            lost: lost.map { record($0.entry, $0.acknowledgement, indexes) },
            unknown: ledger.entries.compactMap { unknown($0, kept) })
    }

    /// Where the log of a node ended while it was on a timeline.
    private func end(of node: String, on timeline: Timeline) -> LSN? {
        former[node]?.ends[timeline] ?? flushed[node]
    }

    private func has(
        _ entry: ClientLedger.Entry, _ ok: ClientLedger.Acknowledgement, _ kept: CommitIndex,
        _ log: WALOnDisk
    ) -> Bool {
        let place = CommitPlace(timeline: ok.timeline, end: ok.lsn)
        guard let change = kept.changes[place]?[entry.key] else {
            return kept.incomplete.contains(place) || isBeforeAllLogs(place, kept, log)
        }
        guard change == .some(entry.value) else { return false }
        guard let table, kept.lastChange[entry.key] == place, place.end > kept.unsureUpTo else {
            return true
        }
        return table.get(entry.key) == entry.value
    }

    /// A commit of the survivor's own past that no log speaks of any more.
    private func isBeforeAllLogs(
        _ place: CommitPlace, _ kept: CommitIndex, _ log: WALOnDisk
    ) -> Bool {
        guard kept.changes[place] == nil, let begin = log.records.first?.start else { return false }
        return place.end <= begin && log.isOnLineage(place.timeline, upTo: place.end)
    }

    private func record(
        _ entry: ClientLedger.Entry, _ ok: ClientLedger.Acknowledgement,
        _ indexes: [String: CommitIndex]
    ) -> LostRecord {
        let place = CommitPlace(timeline: ok.timeline, end: ok.lsn)
        let holders = Set(indexes.filter { $0.value.changes[place] != nil }.keys)
        let formerHolders = former.filter { $0.value.commits.contains(place) }.keys
        let confirmers = confirmed.filter { $0.value.has(place) }.keys
        return LostRecord(
            lsn: ok.lsn, node: entry.node, key: entry.key, value: entry.value,
            acknowledgedAt: ok.at,
            reached: reach(
                of: ok.lsn, from: entry.node,
                holders: holders.union(formerHolders).union(confirmers).sorted()),
            isOnOldDisk: holders.contains(entry.node))
    }

    private func reach(of lsn: LSN, from node: String, holders: [String]) -> Reach {
        let others = holders.filter { $0 != node && $0 != survivor }
        if !others.isEmpty { return .receive(on: others) }
        let towards = (sent[node] ?? [:]).filter { $0.value >= lsn }.keys.sorted()
        return towards.isEmpty ? .ack : .send(towards: towards)
    }

    /// A write without an answer is there if the survivor's log has such a change at or after the
    /// time it was sent that no acknowledged write explains.
    private func unknown(_ entry: ClientLedger.Entry, _ kept: CommitIndex) -> UnknownWrite? {
        guard entry.fate == .unknown else { return nil }
        let acknowledged = Set(
            ledger.acknowledged.map {
                CommitPlace(
                    timeline: $0.acknowledgement.timeline, end: $0.acknowledgement.lsn)
            })
        let survived = kept.changes.contains { place, changes in
            !acknowledged.contains(place) && changes[entry.key] == .some(entry.value)
        }
        return UnknownWrite(
            node: entry.node, key: entry.key, value: entry.value, askedAt: entry.askedAt,
            survived: survived)
    }
}
