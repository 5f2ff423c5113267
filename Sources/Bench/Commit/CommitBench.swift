package import CommandLanguage
internal import WireProtocol

/// What a durable commit costs, next to what the disk alone costs, on one file system in one run.
///
/// It is no tuning guide: the figures of one machine say nothing of another's; the ratios do.
///
/// - Every commit measured was durable before it was counted, on every engine.
package struct CommitBench {
    /// Wall time each contestant runs for.
    private let duration: Duration
    private let parent: String?
    private let interruption: Interruption
    private let tell: (String) -> Void

    /// A bench that works in a folder of its own below `parent`, by default below TMPDIR or /tmp,
    /// and gives each contestant `seconds`. `tell` hears how it goes on, a line at a time.
    package init(
        seconds: Int, parent: String?, interruption: Interruption,
        tell: @escaping (String) -> Void
    ) {
        duration = .seconds(seconds)
        self.parent = parent
        self.interruption = interruption
        self.tell = tell
    }

    /// Runs it; what it made on disk is gone on return, and so are the programs it started.
    package func run() throws(BenchFailure) -> Reply {
        let directory = try BenchDirectory(in: parent)
        defer { directory.remove() }
        let postgres = try PostgresServer.start(
            in: directory, interruption: interruption, tell: tell)
        defer { postgres.server?.stop() }
        try postgres.server?.client().ask("CREATE TABLE kv(key text PRIMARY KEY, value text)")
        return try measure(directory, postgres)
    }
}

extension CommitBench {
    private typealias Name = CommitFindings.Name

    private func measure(
        _ directory: BenchDirectory, _ postgres: PostgresServer.Presence
    ) throws(BenchFailure) -> Reply {
        let engine = try EngineCommit(directory)
        let wal = try engine.record(2_000)
        let bare = try BareSync(wal, directory: directory)
        let lab = try LabServer(try directory.folder("lab"))
        defer { lab.close() }
        let flushes = try FlushCount(directory)
        var contestants = [
            Contestant(Name.bare, bare.run),
            Contestant(Name.engine, engine.run),
        ]
        contestants += labContestants(lab, flushes)
        if let server = postgres.server {
            contestants += try pgbenches(directory, lab: lab, server)
        }
        let standings = try Contest(
            roundCount: CommitFindings.roundCount, duration: duration, interruption: interruption,
            tell: tell
        ).run(contestants)
        tell("measuring WAL")
        let findings = CommitFindings(
            standings: standings, walByteCount: wal.averageByteCount, flushes: flushes,
            ours: try UpdateVolume.ofEngine(directory),
            postgres: try postgres.server.map { server throws(BenchFailure) in
                try UpdateVolume.ofPostgres(server.client())
            }, excuse: postgres.excuse)
        return findings.reply
    }

    private func labContestants(_ lab: LabServer, _ flushes: FlushCount) -> [Contestant] {
        let connect: SoleClient.Connecting = { () throws(BenchFailure) in try lab.client() }
        let idle = SoleClient(connect, FrontendMessage.query("").encoded())
        let sole = SoleClient(connect, inserting: 1)
        var contestants = [
            Contestant(Name.empty, idle.run),
            Contestant(Name.one, flushes.counting(Name.one, sole.run)),
        ]
        for (name, count) in [(Name.sixteen, 16), (Name.sixtyFour, 64)] {
            let crowd = ClientCrowd(count, connect, firstNumber: count * 100)
            contestants.append(Contestant(name, flushes.counting(name, crowd.run)))
        }
        let load = LabLoad(lab.lab)
        contestants.append(Contestant(Name.load, flushes.counting(Name.load, load.run)))
        return contestants
    }

    /// The same load generator with the same statement at both servers.
    private func pgbenches(
        _ directory: BenchDirectory, lab: LabServer, _ server: PostgresServer
    ) throws(BenchFailure) -> [Contestant] {
        var contestants: [Contestant] = []
        for count in [1, 16] {
            for (name, port) in [("lab", try lab.port()), ("PostgreSQL", server.port)] {
                let pgbench = try Pgbench(
                    server.programs, clients: count, port: port, directory: directory,
                    interruption: interruption)
                contestants.append(Contestant(Name.pgbench(name, count), pgbench.run))
            }
        }
        return contestants
    }
}
