import DatabaseNode
import LabClock
import Network
import Programs
public import Replication
import Storage
import WALFormat

// A real PostgreSQL's files: a base backup of one of the lab's nodes, laid over a copy of the
// cluster that the lab began as.
extension Lab {
    /// Fills the outside standby's directory anew from a node, which it follows from then on; the
    /// faults on its link stay. Should the backup fail, it goes on with the files it has.
    ///
    /// - Parameters:
    ///   - source: nil: the primary.
    ///   - rate: the source is asked to send no more than so many kB a second of lab time.
    public func baseBackupForeign(
        from source: String? = nil, rate: Int? = nil
    ) throws(LabFailure) -> ForeignBackupReport {
        let began = try onLoop { cluster throws(LabFailure) in
            let foreign = try cluster.attached()
            let source = source ?? cluster.primary.name
            guard source != foreign.name else { throw .isOwnSource(source) }
            let node = try cluster.node(source)
            guard node.process != nil else { throw .isDown(source, node.state) }
            return (name: foreign.name, source: source, at: cluster.now)
        }
        suspendForeign()
        let summary: BackupReceiver.Summary
        do throws(LabFailure) {
            summary = try receiveForeignBackup(began.name, from: began.source, rate: rate)
        } catch {
            onLoop { cluster in cluster.foreignBackup = nil }
            try launchForeign(began.name)
            throw error
        }
        try startForeign(began.name, on: summary)
        return onLoop { cluster in
            ForeignBackupReport(
                node: began.name, source: began.source, summary: summary,
                isStreaming: cluster.foreign?.isStreaming ?? false,
                took: cluster.now.since(began.at))
        }
    }

    /// Stops the outside standby's process, which may be started again.
    func suspendForeign() {
        let server = onLoop { cluster in
            defer { cluster.foreign?.suspend() }
            return cluster.foreign?.server
        }
        server?.stop()
        settle()
    }

    /// Receives a base backup into a folder next to the standby's.
    func receiveForeignBackup(
        _ name: String, from source: String, rate: Int? = nil
    ) throws(LabFailure) -> BackupReceiver.Summary {
        let path = stagingPath(name)
        LabDirectory.removeTree(path)
        let storage: NodeStorage
        do throws(IOFailure) {
            storage = NodeStorage(try RealFileSystem(creating: path))
        } catch {
            throw .directory(path: path, reason: error.description)
        }
        try onLoop { cluster throws(LabFailure) in
            try cluster.beginForeignBackup(name, from: source, rate: rate, to: storage)
        }
        try wait(for: name)
        guard let outcome = onLoop({ cluster in cluster.foreignBackup?.outcome }) else {
            throw .interrupted
        }
        return try outcome.get()
    }

    /// Makes the standby's directory from the base backup that was received, starts a PostgreSQL on
    /// it and runs the clock until it has the WAL to be consistent.
    func startForeign(
        _ name: String, on summary: BackupReceiver.Summary
    ) throws(LabFailure) {
        let laid = try layForeignBackup(name, summary)
        LabDirectory.removeTree(stagingPath(name))
        try onLoop { cluster throws(LabFailure) in
            try cluster.replaceForeign(name, on: summary, laid)
        }
        try launchForeign(name)
    }

    private func layForeignBackup(
        _ name: String, _ summary: BackupReceiver.Summary
    ) throws(LabFailure) -> BackupOverlay.Laid {
        let folder = directoryPath + "/" + name
        LabDirectory.removeTree(folder)
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
    func launchForeign(_ name: String) throws(LabFailure) {
        let programs = try Self.programs()
        let wanted = try onLoop { cluster throws(LabFailure) in
            let foreign = try cluster.attached()
            foreign.listen()
            return (port: foreign.link.port, slot: foreign.slot)
        }
        let folder = directoryPath + "/" + name
        let server = try asking { () throws(ProgramFailure) in
            try StandbyServer(
                in: folder,
                StandbyServer.Settings(name: name, upstreamPort: wanted.port, slot: wanted.slot),
                with: programs)
        }
        onLoop { $0.foreign?.server = server }
        let end = run { cluster in cluster.foreign?.isSettled ?? true }
        if end == .interrupted { throw .interrupted }
        guard onLoop({ $0.foreign?.isConsistent ?? false }) else { return }
        try asking { () throws(ProgramFailure) in try server.waitUntilReady() }
    }

    func stagingPath(_ name: String) -> String { directoryPath + "/" + name + ".backup" }
}

extension Cluster {
    /// The outside standby begins anew, on a base backup, with the link and slot it has.
    fileprivate func replaceForeign(
        _ name: String, on summary: BackupReceiver.Summary, _ laid: BackupOverlay.Laid
    ) throws(LabFailure) {
        guard let backup = foreignBackup else { throw .isDetached(name) }
        let database = try process(of: backup.source).database
        if let foreign { formerForeign.merge(foreign.witness) }
        let origin = ForeignStandby.Origin(
            upstream: backup.source, link: backup.link,
            log: ForeignLog(
                from: summary.redo, systemIdentifier: database.systemIdentifier,
                segmentSize: database.segmentSize, commits: laid.commits),
            witness: ForeignWitness(
                backupFrom: summary.redo, on: summary.timeline, laid.history),
            backup: summary, slot: foreign?.slot)
        foreignBackup = nil
        foreign = ForeignStandby(
            name: name, origin, lab: lab,
            upstreamProcess: { [weak self] in self?.foreignUpstream }
        ) { [weak self] lsn, event in
            self?.tell(of: name, event, at: lsn)
        }
    }
}

/// A base backup that the outside standby runs on.
public struct ForeignBackupReport: Hashable, Sendable {
    /// The outside standby.
    public let node: String
    /// The node whose files they were, and that it follows now.
    public let source: String
    /// What was received.
    public let summary: BackupReceiver.Summary
    /// Whether it streams.
    public let isStreaming: Bool
    /// Lab time until it was consistent.
    public let took: Duration
}
