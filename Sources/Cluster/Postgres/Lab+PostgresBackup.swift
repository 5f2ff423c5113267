import DatabaseNode
import LabClock
import Network
import Programs
package import Replication
import Storage
import WALFormat

// A real PostgreSQL's files: a base backup of one of the lab's nodes, laid over a copy of the
// cluster that the lab began as.
extension Lab {
    /// Fills the PostgreSQL member's directory anew from a node, which it follows from then on; the
    /// faults on its link stay. Should the backup fail, it goes on with the files it has.
    ///
    /// - Parameters:
    ///   - source: nil: the primary.
    ///   - rate: the source is asked to send no more than so many kB a second of lab time.
    package func baseBackupPostgres(
        from source: String? = nil, rate: Int? = nil
    ) throws(LabFailure) -> PostgresBackupReport {
        let began = try onLoop { cluster throws(LabFailure) in
            let postgres = try cluster.attached()
            let source = source ?? cluster.primary.name
            guard source != postgres.name else { throw .isOwnSource(source) }
            let node = try cluster.node(source)
            guard node.process != nil else { throw .isDown(source, node.state) }
            return (name: postgres.name, source: source, at: cluster.now)
        }
        suspendPostgres()
        let summary: BackupReceiver.Summary
        do throws(LabFailure) {
            summary = try receivePostgresBackup(began.name, from: began.source, rate: rate)
        } catch {
            onLoop { cluster in cluster.postgresBackup = nil }
            try launchPostgres(began.name)
            throw error
        }
        try startPostgres(began.name, on: summary)
        return onLoop { cluster in
            PostgresBackupReport(
                node: began.name, source: began.source, summary: summary,
                isStreaming: cluster.postgres?.isStreaming ?? false,
                took: cluster.now.since(began.at))
        }
    }

    /// Stops the PostgreSQL member's process, which may be started again.
    func suspendPostgres() {
        let server = onLoop { cluster in
            defer { cluster.postgres?.suspend() }
            return cluster.postgres?.server
        }
        server?.stop()
        settle()
    }

    /// Receives a base backup into a folder next to the standby's.
    func receivePostgresBackup(
        _ name: String, from source: String, rate: Int? = nil
    ) throws(LabFailure) -> BackupReceiver.Summary {
        let path = stagingPath(name)
        TakenDirectory.removeTree(path)
        let storage: NodeStorage
        do throws(IOFailure) {
            storage = NodeStorage(try RealFileSystem(creating: path))
        } catch {
            throw .directory(path: path, reason: error.description)
        }
        try onLoop { cluster throws(LabFailure) in
            try cluster.beginPostgresBackup(name, from: source, rate: rate, to: storage)
        }
        try wait(for: name)
        guard let outcome = onLoop({ cluster in cluster.postgresBackup?.outcome }) else {
            throw .interrupted
        }
        return try outcome.get()
    }

    /// Makes the standby's directory from the base backup that was received, starts a PostgreSQL on
    /// it and runs the clock until it has the WAL to be consistent.
    func startPostgres(
        _ name: String, on summary: BackupReceiver.Summary
    ) throws(LabFailure) {
        let laid = try layPostgresBackup(name, summary)
        TakenDirectory.removeTree(stagingPath(name))
        try onLoop { cluster throws(LabFailure) in
            try cluster.replacePostgres(name, on: summary, laid)
        }
        try launchPostgres(name)
    }

    private func layPostgresBackup(
        _ name: String, _ summary: BackupReceiver.Summary
    ) throws(LabFailure) -> BackupOverlay.Laid {
        let folder = directoryPath + "/" + name
        TakenDirectory.removeTree(folder)
        let cluster = try clusterOfOrigin()
        try asking { () throws(ProgramFailure) in try cluster.copy(to: folder) }
        let laid: BackupOverlay.Laid
        do {
            laid = try BackupOverlay.lay(
                try RealFileSystem(opening: stagingPath(name)),
                over: try RealFileSystem(opening: folder), end: summary.end,
                on: summary.timeline)
        } catch let failure as OpenFailure {
            throw .cannotOpen(node: name, failure)
        } catch {
            throw .directory(path: folder, reason: "\(error)")
        }
        try asking { () throws(ProgramFailure) in
            for path in laid.paths { try PostgresPrograms.handOver(folder + "/" + path) }
        }
        return laid
    }

    /// Starts a PostgreSQL on the standby's directory, and runs the clock until it is consistent or
    /// gets no further.
    func launchPostgres(_ name: String) throws(LabFailure) {
        let programs = try Self.programs()
        let wanted = try onLoop { cluster throws(LabFailure) in
            let postgres = try cluster.attached()
            postgres.listen()
            return (port: postgres.link.port, slot: postgres.slot)
        }
        let folder = directoryPath + "/" + name
        let server = try asking { () throws(ProgramFailure) in
            try StandbyServer(
                in: folder,
                StandbyServer.Settings(name: name, upstreamPort: wanted.port, slot: wanted.slot),
                with: programs)
        }
        onLoop { $0.postgres?.server = server }
        let end = run { cluster in cluster.postgres?.isSettled ?? true }
        if end == .interrupted { throw .interrupted }
        guard onLoop({ $0.postgres?.isConsistent ?? false }) else { return }
        try asking { () throws(ProgramFailure) in try server.waitUntilReady() }
    }

    func stagingPath(_ name: String) -> String { directoryPath + "/" + name + ".backup" }
}

extension Cluster {
    /// The PostgreSQL member begins anew, on a base backup, with the link and slot it has.
    fileprivate func replacePostgres(
        _ name: String, on summary: BackupReceiver.Summary, _ laid: BackupOverlay.Laid
    ) throws(LabFailure) {
        guard let backup = postgresBackup else { throw .isDetached(name) }
        let database = try process(of: backup.source).database
        if let postgres { formerlyConfirmed.merge(postgres.confirmed) }
        // A base backup holds all that was committed before its redo point.
        var confirmed = ReachedLog()
        confirmed.extend(to: summary.redo, on: summary.timeline, laid.history)
        let origin = PostgresMember.Origin(
            upstream: backup.source, link: backup.link,
            log: DeliveredLog(
                from: summary.redo, systemIdentifier: database.systemIdentifier,
                segmentSize: database.segmentSize, commits: laid.commits),
            confirmed: confirmed,
            backup: summary, slot: postgres?.slot)
        postgresBackup = nil
        postgres = PostgresMember(
            name: name, origin, lab: lab,
            upstreamProcess: { [weak self] in self?.postgresUpstream }
        ) { [weak self] lsn, event in
            self?.tell(of: name, event, at: lsn)
        }
    }
}

/// A base backup that the PostgreSQL member runs on.
package struct PostgresBackupReport: Hashable, Sendable {
    /// The PostgreSQL member.
    package let node: String
    /// The node whose files they were, and that it follows now.
    package let source: String
    /// What was received.
    package let summary: BackupReceiver.Summary
    /// Whether it streams.
    package let isStreaming: Bool
    /// Lab time until it was consistent.
    package let took: Duration
}
