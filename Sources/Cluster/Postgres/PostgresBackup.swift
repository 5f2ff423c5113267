import DatabaseNode
import Network
import Replication
import Storage
import WALFormat

/// A base backup of a node that a PostgreSQL member is to start on, from first byte to last.
/// It comes over the standby's own link, as `pg_basebackup` would ask for it.
///
/// - Touched on the lab's loop only.
final class PostgresBackup {
    /// The standby's link, or that of the standby to be.
    let link: Link
    let source: String
    /// Nil when it is over.
    private(set) var seeding: Seeding?
    /// How it ended; nil while it goes on.
    private(set) var outcome: Result<BackupReceiver.Summary, LabFailure>?

    init(over link: Link, from source: String) {
        self.link = link
        self.source = source
    }

    func begin(_ seeding: Seeding) {
        self.seeding = seeding
        seeding.start()
    }

    /// It is over.
    func ended(_ end: Seeding.End, of name: String) {
        seeding = nil
        switch end {
        case .received(let summary): outcome = .success(summary)
        case .failed(let failure, _):
            outcome = .failure(
                .backupFailed(
                    replica: name, source: source, failure, directoryIsTouched: false))
        case .complete, .unusable:
            preconditionFailure("no node starts on a PostgreSQL member's backup")
        }
    }

    /// The lab ends.
    func giveUp() {
        seeding?.kill()
        seeding = nil
        link.close()
    }
}

extension Cluster {
    /// Begins a base backup for the PostgreSQL member, over its link: a new one if there is none.
    func beginPostgresBackup(
        _ name: String, from source: String, rate: Int?, to storage: NodeStorage
    ) throws(LabFailure) {
        let origin = try node(source)
        guard origin.process != nil else { throw .isDown(source, origin.state) }
        let thread = try WorkThread.begun()
        let link: Link
        do throws(LabFailure) {
            link = try postgresLink(name)
        } catch {
            thread.shutdown()
            throw error
        }
        let backup = PostgresBackup(over: link, from: source)
        let port = link.port
        let place = Seeding.Place(
            node: name, source: source, storage: storage, isForNode: false, port: { port })
        postgresBackup = backup
        backup.begin(
            Seeding(
                place, on: thread, rate: rate, timeout: settings.receiver.timeout, lab: lab
            ) { end in
                backup.ended(end, of: name)
            })
    }

    private func postgresLink(_ name: String) throws(LabFailure) -> Link {
        if let postgres { return postgres.link }
        do throws(ListenFailure) {
            return try Link(name: "postgres \(name)", lab: lab, to: .anybody) { [weak self] in
                self?.postgresUpstreamPort
            }
        } catch {
            throw .cannotListen(node: name, reason: error.description)
        }
    }

    /// Where the PostgreSQL member's upstream listens, or who gives it its base backup.
    private var postgresUpstreamPort: Int? {
        let upstream = postgresBackup?.source ?? postgres?.upstream
        return upstream.flatMap { try? node($0).openPort }
    }

    /// What the PostgreSQL member, and any before it, has ever confirmed, by its name.
    var confirmedLogs: [String: ReachedLog] {
        guard let postgresName else { return [:] }
        var confirmed = formerlyConfirmed
        if let postgres { confirmed.merge(postgres.confirmed) }
        return [postgresName: confirmed]
    }

    /// The PostgreSQL member, if it is there, is no more; what it has confirmed is remembered.
    func forgetPostgres() {
        postgresBackup?.giveUp()
        postgresBackup = nil
        guard let postgres else { return }
        formerlyConfirmed.merge(postgres.confirmed)
        postgres.detach()
        self.postgres = nil
    }
}
