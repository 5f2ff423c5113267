import DatabaseNode
import Network
import Replication
import Storage
import WALFormat

/// A base backup of a node that an outside standby is to start on, from its first byte to its last.
/// It comes over the standby's own link, as `pg_basebackup` would ask for it.
///
/// - Touched on the lab's loop only.
final class ForeignBackup {
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
            preconditionFailure("no node starts on an outside standby's backup")
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
    /// Begins a base backup for the outside standby, over its link: a new one if there is none.
    func beginForeignBackup(
        _ name: String, from source: String, rate: Int?, to storage: NodeStorage
    ) throws(LabFailure) {
        let origin = try node(source)
        guard origin.process != nil else { throw .isDown(source, origin.state) }
        let backup = ForeignBackup(over: try foreignLink(name), from: source)
        let port = backup.link.port
        let place = Seeding.Place(
            node: name, source: source, storage: storage, isForNode: false, port: { port })
        foreignBackup = backup
        backup.begin(
            Seeding(place, rate: rate, timeout: settings.receiver.timeout, lab: lab) { end in
                backup.ended(end, of: name)
            })
    }

    private func foreignLink(_ name: String) throws(LabFailure) -> Link {
        if let foreign { return foreign.link }
        do throws(ListenFailure) {
            return try Link(name: "outside \(name)", lab: lab) { [weak self] in
                self?.foreignUpstreamPort
            }
        } catch {
            throw .cannotListen(node: name, reason: error.description)
        }
    }

    /// Where the outside standby's upstream listens, or who gives it its base backup.
    private var foreignUpstreamPort: Int? {
        let upstream = foreignBackup?.source ?? foreign?.upstream
        return upstream.flatMap { try? node($0).openPort }
    }

    /// What the outside standby, and any before it, has ever confirmed, by its name.
    var foreignWitness: [String: ForeignWitness] {
        guard let foreignName else { return [:] }
        var witness = formerForeign
        if let foreign { witness.merge(foreign.witness) }
        return [foreignName: witness]
    }

    /// The outside standby, if it is there, is no more; what it has confirmed is remembered.
    func forgetForeign() {
        foreignBackup?.giveUp()
        foreignBackup = nil
        guard let foreign else { return }
        formerForeign.merge(foreign.witness)
        foreign.detach()
        self.foreign = nil
    }
}
