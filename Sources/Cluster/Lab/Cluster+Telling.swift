import DatabaseNode
import LabClock
import Storage
import WALFormat

// What is to be told of the lab, besides what its nodes say themselves.
extension Cluster {
    /// A node had to recover when the lab was opened.
    func tell(of name: String, _ recovery: RecoveryReport) {
        happened(.recovered(recovery), on: name, at: recovery.end)
    }

    /// A node's files were found damaged.
    func tell(of name: String, _ damage: OpenFailure) {
        happened(.foundDamaged(damage), on: name)
    }

    /// A node's log lacks commits that clients were told of.
    func tell(of name: String, missing count: Int, behind end: LSN) {
        happened(.foundShort(commits: count), on: name, at: end)
    }

    /// A base backup has something to tell.
    func tell(of name: String, _ event: BackupEvent, at lsn: LSN) {
        happened(.backup(event), on: name, at: lsn)
    }

    /// A replica has come too far behind, or has caught up.
    func tell(of name: String, _ alarm: LagAlarm) { happened(.lag(alarm), on: name) }

    /// The monitor has made up its mind.
    func tell(_ event: MonitorEvent) {
        let now = now
        watchFailovers { failovers in
            switch event {
            case .declaredDead(let node, _, let silence):
                failovers.declaredDead(
                    node, lastAnswer: now.advanced(by: .zero - silence), at: now)
            case .answersAgain(let node, _): failovers.returned(node)
            }
        }
        happened(.monitor(event), on: MonitorReport.name)
    }

    /// An application's clients have something to say.
    func tell(_ event: ClientEvent) { happened(.clients(event), on: ClientEvent.name) }

    /// A read that lasted has ended, one way or the other.
    func tell(of name: String, _ event: HeldReadEvent) { happened(.read(event), on: name) }

    /// A node lost power where it was asked to.
    func tell(of name: String, _ crash: CrashReport, after stage: CommitStage, of commit: LSN) {
        happened(.crashed(crash, after: stage), on: name, at: commit)
    }

    /// A PostgreSQL member does not do what is to be expected of it.
    func tell(of name: String, _ event: PostgresEvent, at lsn: LSN) {
        happened(.postgres(event), on: name, at: lsn)
    }
}
