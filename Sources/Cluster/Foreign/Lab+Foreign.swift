import LabClock
import Network
import Programs
import Replication
import Storage
import WALFormat
import WireProtocol

// An unmodified PostgreSQL as one more replica, behind one more link.
extension Lab {
    /// The name of the outside standby that this lab can take in; nil when the lab did not begin
    /// as a PostgreSQL's cluster.
    public var foreignName: String? { isFromPostgres ? Self.foreignName : nil }

    static let foreignName = "pg"

    /// Copies the cluster that the lab began as, and starts a real PostgreSQL on the copy, as a
    /// standby of the primary. Returns when it has confirmed all that the primary has.
    ///
    /// - Throws: `.notFromPostgres`, `.isAttached`, `.noPrograms`; `.program` when it does not
    ///   start; `.foreignDoesNotFollow` when it starts and cannot follow: then it is gone again.
    public func attach() throws(LabFailure) -> AttachReport {
        guard let name = foreignName else { throw .notFromPostgres }
        let isOver = onLoop { $0.foreign.map { $0.server != nil && !$0.isRunning } ?? false }
        if isOver { drop(name) }
        let programs = try Self.programs()
        let cluster = try asking { () throws(ProgramFailure) in
            try PostgresCluster(opening: directoryPath + "/" + Self.clusterName, with: programs)
        }
        let port = try onLoop { lab throws(LabFailure) in
            try lab.beginAttaching(name, checkpoint: cluster.checkpoint)
        }
        let folder = directoryPath + "/" + name
        LabDirectory.removeTree(folder)
        do throws(LabFailure) {
            let server = try asking { () throws(ProgramFailure) in
                try StandbyServer(
                    of: cluster, in: folder,
                    StandbyServer.Settings(name: name, upstreamPort: port), with: programs)
            }
            onLoop { $0.foreign?.server = server }
            return try report(on: name, run { _ in .still })
        } catch {
            drop(name)
            throw error
        }
    }

    /// Shuts the outside standby down, cleanly, and forgets it and its files.
    public func detach() throws(LabFailure) {
        guard let name = foreignName else { throw .notFromPostgres }
        guard onLoop({ $0.foreign != nil }) else { throw .isDetached(name) }
        drop(name)
    }

    private func report(
        on name: String, _ end: Stepper.End
    ) throws(LabFailure) -> AttachReport {
        if end == .interrupted { throw .interrupted }
        return try onLoop { cluster throws(LabFailure) in
            guard let foreign = cluster.foreign else { throw .isDetached(name) }
            guard foreign.isCaughtUp else {
                throw .foreignDoesNotFollow(
                    name, upstream: foreign.upstream, foreign.refusal,
                    lastWords: foreign.server?.lastWords ?? "")
            }
            return AttachReport(
                node: name, upstream: foreign.upstream, at: foreign.log.recordEnd)
        }
    }

    /// Stops the process while its link still stands, so that it goes as any standby does.
    private func drop(_ name: String) {
        stopForeign()
        onLoop { cluster in
            cluster.foreign?.detach()
            cluster.foreign = nil
        }
        settle()
        LabDirectory.removeTree(directoryPath + "/" + name)
    }

    /// Stops the outside standby's process, if there is one.
    func stopForeign() {
        let server = onLoop { $0.foreign?.server }
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
private func asking<Value>(
    _ body: () throws(ProgramFailure) -> Value
) throws(LabFailure) -> Value {
    do throws(ProgramFailure) {
        return try body()
    } catch {
        throw .program(error.description)
    }
}

extension Cluster {
    /// Makes the link of an outside standby that is about to be started; says where it dials.
    fileprivate func beginAttaching(
        _ name: String, checkpoint: LSN
    ) throws(LabFailure) -> Int {
        guard foreign == nil else { throw .isAttached(name) }
        let upstream = primary
        guard let process = upstream.process else {
            throw .isDown(upstream.name, upstream.state)
        }
        let database = process.database
        let link: Link
        do throws(ListenFailure) {
            link = try Link(name: "outside \(name)", lab: lab) { [weak self] in
                self?.foreignUpstreamPort
            }
        } catch {
            throw .cannotListen(node: name, reason: error.description)
        }
        foreign = ForeignStandby(
            name: name, upstream: upstream.name, link: link,
            log: ForeignLog(
                from: checkpoint, systemIdentifier: database.systemIdentifier,
                segmentSize: database.segmentSize),
            lab: lab,
            upstreamTakesStandbys: { [weak self] in self?.foreignUpstream?.isStopping == false }
        ) { [weak self] lsn, event in
            self?.tell(of: name, event, at: lsn)
        }
        return link.port
    }

    /// Where the outside standby's upstream listens.
    private var foreignUpstreamPort: Int? {
        foreign.flatMap { try? node($0.upstream).openPort }
    }
}
