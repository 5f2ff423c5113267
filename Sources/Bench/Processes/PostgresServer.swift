internal import Glibc
internal import Programs

/// A PostgreSQL of the bench's own: a new cluster with default settings, except that it listens on
/// a free port of 127.0.0.1 only, keeps all its WAL and takes no checkpoint by itself; or a hot
/// standby of such a one.
final class PostgresServer {
    static let user = "postgres"
    private static let needed = [
        "initdb", "postgres", "pgbench", "pg_receivewal", "pg_basebackup",
    ]

    let programs: PostgresPrograms
    let port: Int
    private let process: ChildProcess
    private let interruption: Interruption

    /// What became of the wish for one.
    enum Presence {
        case running(PostgresServer)
        /// Why there is none, in one line.
        case absent(String)

        var server: PostgresServer? {
            switch self {
            case .running(let server): server
            case .absent: nil
            }
        }

        var excuse: String? {
            switch self {
            case .running: nil
            case .absent(let reason): "Without PostgreSQL: \(reason)."
            }
        }
    }

    /// Starts one where that is possible: a bench goes on without.
    static func start(
        in directory: BenchDirectory, segmentMebibytes: Int = 16, interruption: Interruption,
        tell: (String) -> Void
    ) throws(BenchFailure) -> Presence {
        guard let programs = PostgresPrograms(Self.needed) else {
            return .absent("version 15 is not in \(PostgresPrograms.defaultFolder)")
        }
        tell("starting PostgreSQL")
        do throws(BenchFailure) {
            return .running(
                try PostgresServer(
                    programs, in: directory, segmentMebibytes: segmentMebibytes,
                    interruption: interruption))
        } catch {
            try interruption.check()
            return .absent(error.description)
        }
    }

    /// Makes the cluster and starts it; returns when it takes connections.
    private convenience init(
        _ programs: PostgresPrograms, in directory: BenchDirectory, segmentMebibytes: Int,
        interruption: Interruption
    ) throws(BenchFailure) {
        let data = try Self.folder(in: directory, "postgres-\(segmentMebibytes)")
        _ = try BenchProgram.run(
            PostgresPrograms.serverPrefix() + [
                programs.path("initdb"), "-D", data, "-U", Self.user, "-A", "trust", "-E", "UTF8",
                "--no-locale", "--wal-segsize=\(segmentMebibytes)",
            ], interruption)
        try self.init(programs, on: data, interruption)
    }

    /// Starts it on a cluster's files; returns when it takes connections.
    private init(
        _ programs: PostgresPrograms, on data: String, _ interruption: Interruption
    ) throws(BenchFailure) {
        self.programs = programs
        self.interruption = interruption
        do throws(ProgramFailure) {
            port = try LoopbackPort.free()
        } catch {
            throw BenchFailure(error)
        }
        process = try BenchProgram.startServer(
            PostgresPrograms.serverPrefix() + [programs.path("postgres"), "-D", data]
                + Self.settings(port: port).flatMap { ["-c", $0] },
            interruption)
        try awaitReady()
    }

    /// Takes a base backup and starts a hot standby on it, which streams from this server. Whoever
    /// asks for one stops it, before this server.
    func standby(in directory: BenchDirectory) throws(BenchFailure) -> PostgresServer {
        let data = try Self.folder(in: directory, "standby")
        _ = try BenchProgram.run(
            PostgresPrograms.serverPrefix() + [
                programs.path("pg_basebackup"), "-h", "127.0.0.1", "-p", "\(port)", "-U",
                Self.user, "-D", data, "-c", "fast", "--write-recovery-conf",
            ], interruption)
        return try PostgresServer(programs, on: data, interruption)
    }

    /// A new folder that the server may write to.
    private static func folder(
        in directory: BenchDirectory, _ name: String
    ) throws(BenchFailure) -> String {
        let path = try directory.folder(name)
        do throws(ProgramFailure) {
            try PostgresPrograms.handOver(path)
        } catch {
            throw BenchFailure(error)
        }
        return path
    }

    /// A fast shutdown, waited for.
    func stop() { process.stop(SIGINT) }

    func client() throws(BenchFailure) -> QueryClient {
        try QueryClient(port: port, user: Self.user)
    }

    private static func settings(port: Int) -> [String] {
        [
            "port=\(port)", "listen_addresses=127.0.0.1", "unix_socket_directories=",
            "max_wal_size=16GB", "checkpoint_timeout=1d", "wal_keep_size=16GB", "max_wal_senders=4",
        ]
    }

    private func awaitReady() throws(BenchFailure) {
        var said: [String] = []
        while let line = process.readLine() {
            // A standby: "to accept read-only connections".
            if line.contains("ready to accept") { return }
            said.append(line)
        }
        process.stop(SIGINT)
        throw .program(name: "postgres", said: ChildProcess.lastOutput(said))
    }
}
