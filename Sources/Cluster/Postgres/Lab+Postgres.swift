import LabClock
import Network
import Programs
import Replication
import Storage
import WALFormat
import WireProtocol

// An unmodified PostgreSQL as one more replica, behind one more link.
extension Lab {
    /// The name of the PostgreSQL member that this lab can take in; nil when the lab did not begin
    /// as a PostgreSQL's cluster.
    package var postgresName: String? { isFromPostgres ? Self.postgresName : nil }

    static let postgresName = "pg"

    /// Has the primary give a base backup, and starts a real PostgreSQL on it, as a standby of the
    /// primary. Returns when it has confirmed all that the primary has.
    ///
    /// - Throws: `.notFromPostgres`, `.isAttached`, `.isDown` of the primary, `.noPrograms`;
    ///   `.backupFailed`; `.program` when it does not start; `.postgresDoesNotFollow` when it
    ///   starts and cannot follow: then it is gone again.
    package func attach() throws(LabFailure) -> AttachReport {
        guard let name = postgresName else { throw .notFromPostgres }
        let isOver = onLoop { $0.postgres.map { !$0.isRunning } ?? false }
        if isOver { drop(name) }
        let source = try onLoop { cluster throws(LabFailure) in
            guard cluster.postgres == nil else { throw .isAttached(name) }
            return cluster.primary.name
        }
        _ = try Self.programs()
        do throws(LabFailure) {
            let summary = try receivePostgresBackup(name, from: source)
            try startPostgres(name, on: summary)
            return try report(on: name, summary)
        } catch {
            drop(name)
            throw error
        }
    }

    /// Shuts the PostgreSQL member down, cleanly, and forgets it and its files.
    package func detach() throws(LabFailure) {
        guard let name = postgresName else { throw .notFromPostgres }
        guard onLoop({ $0.postgres != nil }) else { throw .isDetached(name) }
        drop(name)
    }

    private func report(
        on name: String, _ summary: BackupReceiver.Summary
    ) throws(LabFailure) -> AttachReport {
        try onLoop { cluster throws(LabFailure) in
            guard let postgres = cluster.postgres else { throw .isDetached(name) }
            guard postgres.isCaughtUp else {
                throw .postgresDoesNotFollow(
                    name, upstream: postgres.upstream, postgres.refusal,
                    lastOutput: postgres.server?.lastOutput ?? "")
            }
            return AttachReport(
                node: name, upstream: postgres.upstream, backup: summary,
                at: postgres.log.recordEnd)
        }
    }

    /// Stops the process while its link still stands, so that it goes as any standby does.
    private func drop(_ name: String) {
        stopPostgres()
        onLoop { cluster in cluster.forgetPostgres() }
        settle()
        TakenDirectory.removeTree(directoryPath + "/" + name)
        TakenDirectory.removeTree(stagingPath(name))
    }

    /// Stops the PostgreSQL member's process, if there is one.
    func stopPostgres() {
        let server = onLoop { $0.postgres?.server }
        server?.stop()
    }
}

// The cluster that the lab began as.
extension Lab {
    static let clusterName = "postgres"

    static func programs() throws(LabFailure) -> PostgresPrograms {
        guard let programs = PostgresPrograms(PostgresCluster.needed) else {
            throw .noPrograms(folder: PostgresPrograms.defaultFolder)
        }
        return programs
    }

    /// It, for copies to be made of.
    func clusterOfOrigin() throws(LabFailure) -> PostgresCluster {
        let programs = try Self.programs()
        return try asking { () throws(ProgramFailure) in
            try PostgresCluster(opening: directoryPath + "/" + Self.clusterName, with: programs)
        }
    }

    /// Has `initdb` make the cluster, and begins the primary's directory where its log ends.
    static func adoptCluster(
        at path: String, scratch: String, on target: any FileSystem
    ) throws(LabFailure) {
        let programs = try programs()
        let cluster = try asking { () throws(ProgramFailure) in
            try PostgresPrograms.openWay(through: scratch)
            return try PostgresCluster(creating: path, scratch: scratch, with: programs)
        }
        let source: RealFileSystem
        do throws(IOFailure) {
            source = try RealFileSystem(opening: path)
        } catch {
            throw .directory(path: path, reason: error.description)
        }
        do throws(OpenFailure) {
            try Initialization.adopt(
                source, systemIdentifier: cluster.systemIdentifier,
                checkpoint: cluster.checkpoint, on: target)
        } catch {
            throw .cannotOpen(node: "p", error)
        }
    }
}

/// Turns a program's failure into the lab's.
func asking<Value>(
    _ body: () throws(ProgramFailure) -> Value
) throws(LabFailure) -> Value {
    do throws(ProgramFailure) {
        return try body()
    } catch {
        throw .program(error.description)
    }
}
