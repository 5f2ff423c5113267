import LabClock
import Storage
import WALFormat

/// Holds the client ledger against what a node really has.
///
/// A commit is there when the survivor's own log holds a COMMIT that ends where the client was
/// told, on that timeline, with that key and value; and, if no later commit of the log changed the
/// key, when the survivor's table shows it.
///
/// What the log no longer says, since it was removed at a checkpoint, was heard before. What a node
/// never had in its log, since it began as a copy of another, is there if the log it goes on from
/// had it.
struct LossAudit {
    struct Witness {
        let log: WALOnDisk
        /// In the order of their COMMITs.
        let transactions: [WALOnDisk.Transaction]
    }

    let ledger: ClientLedger
    let survivor: String
    /// Every node's log, read off its disk, and what it says was committed.
    let logs: [String: Witness]
    /// The survivor's table; nil when it is down, and then its log alone speaks.
    let table: Database?
    /// Only for the column `reached`.
    let sent: [String: [String: LSN]]
    let madeAt: LabInstant
    /// How far each node's log is durable, or was when it went down.
    let flushed: [String: LSN]
    /// The nodes that are up. Of their logs only what is durable bears witness: a power loss takes
    /// the rest.
    let running: Set<String>

    var report: LossReport {
        guard let witness = logs[survivor] else {
            preconditionFailure("the survivor's log was not read")
        }
        let log = witness.log
        var evidence: [String: Evidence] = [:]
        for (name, witness) in logs {
            evidence[name] = Evidence(witness.transactions, upTo: durable(name))
        }
        let kept = Evidence(inherited(by: witness) + witness.transactions, upTo: durable(survivor))
        let acknowledged = ledger.acknowledged
        let lost = acknowledged.filter { !has($0.entry, $0.acknowledgement, kept) }
        let fork = log.fork
        let oldEnd = lost.last.flatMap { flushed[$0.entry.node] }
        return LossReport(
            survivor: survivor, timeline: log.timeline, fork: fork,
            lostByteCount: fork.flatMap { fork in oldEnd.map { max(0, $0 - fork) } },
            madeAt: madeAt, acknowledgedCount: acknowledged.count,
            lost: lost.map { record($0.entry, $0.acknowledgement, evidence) },
            unknown: ledger.entries.compactMap { unknown($0, kept) })
    }

    private func durable(_ node: String) -> LSN? { running.contains(node) ? flushed[node] : nil }

    private func has(
        _ entry: ClientLedger.Entry, _ told: ClientLedger.Acknowledgement, _ kept: Evidence
    ) -> Bool {
        let place = Evidence.Place(timeline: told.timeline, end: told.lsn)
        guard let change = kept.changes[place]?[entry.key], change == .some(entry.value) else {
            return false
        }
        guard let table, kept.lastChange[entry.key] == place else { return true }
        return table.get(entry.key) == entry.value
    }

    private func record(
        _ entry: ClientLedger.Entry, _ told: ClientLedger.Acknowledgement,
        _ evidence: [String: Evidence]
    ) -> LostRecord {
        let place = Evidence.Place(timeline: told.timeline, end: told.lsn)
        let holders = evidence.filter { $0.value.changes[place] != nil }.keys
        return LostRecord(
            lsn: told.lsn, node: entry.node, key: entry.key, value: entry.value,
            acknowledgedAt: told.at,
            reached: reach(of: told.lsn, from: entry.node, holders: holders.sorted()),
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
    private func unknown(_ entry: ClientLedger.Entry, _ kept: Evidence) -> UnknownWrite? {
        guard entry.fate == .unknown else { return nil }
        let told = Set(
            ledger.acknowledged.map {
                Evidence.Place(
                    timeline: $0.acknowledgement.timeline, end: $0.acknowledgement.lsn)
            })
        let survived = kept.changes.contains { place, changes in
            !told.contains(place) && changes[entry.key] == .some(entry.value)
        }
        return UnknownWrite(
            node: entry.node, key: entry.key, value: entry.value, askedAt: entry.askedAt,
            survived: survived)
    }

    /// What others saw committed on the log's own timelines before its first transaction.
    private func inherited(by witness: Witness) -> [WALOnDisk.Transaction] {
        let first = witness.log.records.first
        guard first?.record.previous != .invalid else { return [] }
        let begin = witness.transactions.first?.commitStart ?? witness.log.end
        let others = logs.sorted { $0.key < $1.key }.flatMap(\.value.transactions)
        return others.filter {
            $0.commitStart < begin && witness.log.timeline(at: $0.commitStart) == $0.timeline
        }
        .sorted { $0.commitStart < $1.commitStart }
    }
}

/// What a log says was committed, for looking up.
private struct Evidence {
    /// Where a COMMIT ends, and on which timeline.
    struct Place: Hashable {
        let timeline: Timeline
        let end: LSN
    }

    private(set) var changes: [Place: [String: String?]] = [:]
    /// The last commit that changed a key.
    private(set) var lastChange: [String: Place] = [:]

    init(_ transactions: [WALOnDisk.Transaction], upTo limit: LSN?) {
        for transaction in transactions {
            if let limit, transaction.commitEnd > limit { break }
            let place = Place(timeline: transaction.timeline, end: transaction.commitEnd)
            for change in transaction.changes {
                changes[place, default: [:]][change.key] = .some(change.value)
                lastChange[change.key] = place
            }
        }
    }
}
