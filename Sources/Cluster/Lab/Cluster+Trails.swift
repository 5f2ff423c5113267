import DatabaseNode
import LabClock
import Replication
import Storage
import WALFormat

// How far each replica is along the primary's log, commit by commit.
extension Cluster {
    /// The same members, and what each lacks of the primary's commits.
    func withTrails(_ members: [LabSnapshot.Node]) -> [LabSnapshot.Node] {
        guard let seen = primary.seen, let end = seen.log?.end else { return members }
        return members.map { member in
            guard member.role.upstream != nil, let positions = member.positions else {
                return member
            }
            let view = members.first { $0.name == member.role.upstream }?.senders
                .first { $0.name == member.name }
            var member = member
            member.trail = Trail(positions, view, on: seen.commitTimes, endingAt: end)
            return member
        }
    }

    /// Nobody asks any more when commits were made that every member has replayed, and has said so.
    func forgetCommitTimes(known: LabSnapshot) {
        let names = Set(known.members.map(\.name))
        let reached = known.members.compactMap { $0.positions?.replay ?? $0.has?.log.end }
        let reported = known.members.flatMap(\.senders).filter { names.contains($0.name) }
            .compactMap(\.replay)
        guard let least = (reached + reported).min() else { return }
        for node in nodes { node.process?.forgetCommitTimes(upTo: least) }
    }
}

extension Trail {
    /// Nil: what it lacks is not known any more.
    fileprivate init?(
        _ positions: NodePositions, _ view: SenderView?, on times: CommitTimes,
        endingAt end: LSN
    ) {
        func missing(behind lsn: LSN?) -> CommitTimes.Missing? {
            lsn.flatMap { times.missing(after: $0, upTo: end) }
        }
        let lacked = PerStep { missing(behind: positions[$0]) }
        // Replay is behind the other two.
        guard lacked.replay != nil else { return nil }
        own = PerStep { step in
            Missing(
                commits: lacked[step]?.count ?? 0,
                since: lacked[step]?.oldest.map(LabTime.instant))
        }
        unsent = missing(behind: view?.sent)?.count
        unreported = PerStep { missing(behind: view?[$0])?.count }
    }
}

extension NodePositions {
    fileprivate subscript(step: ReplicaStep) -> LSN {
        switch step {
        case .write: write
        case .flush: flush
        case .replay: replay
        }
    }
}

extension SenderView {
    fileprivate subscript(step: ReplicaStep) -> LSN? {
        switch step {
        case .write: write
        case .flush: flush
        case .replay: replay
        }
    }
}
