internal import Glibc
internal import Programs

/// PostgreSQL's load generator, doing the measured insert with random keys on any server.
final class Pgbench {
    private let program: String
    private let script: String
    private let port: Int
    private let clientCount: Int
    private let interruption: Interruption
    /// Transactions a second and client, as the last run had it; at first a guess.
    private var pace = 500.0

    /// Writes the script into the folder; one script serves all.
    init(
        _ programs: PostgresPrograms, clients: Int, port: Int, directory: BenchDirectory,
        interruption: Interruption
    ) throws(BenchFailure) {
        program = programs.path("pgbench")
        clientCount = clients
        self.port = port
        self.interruption = interruption
        script = try directory.write(
            "\\set k random(1, 1000000000)\n" + InsertStatement.text(key: "k:k") + ";\n",
            to: "insert.sql")
    }

    /// Runs for about so long. Its own figure is taken, which leaves connecting out.
    func run(_ duration: Duration) throws(BenchFailure) -> Pace {
        let each = max(10, Int(pace * duration.seconds))
        let lines = try BenchProgram.run(
            [
                program, "-n", "-h", "127.0.0.1", "-p", "\(port)", "-U", PostgresServer.user, "-c",
                "\(clientCount)", "-t", "\(each)", "-f", script, "postgres",
            ], interruption)
        guard let rate = Self.transactionsPerSecond(lines), rate > 0 else {
            throw .program(name: "pgbench", said: ChildProcess.lastOutput(lines))
        }
        pace = rate / Double(clientCount)
        let count = each * clientCount
        return Pace(count: count, elapsed: .seconds(Double(count) / rate))
    }

    /// The figure of `tps = 6900.123 (without initial connection time)`.
    static func transactionsPerSecond(_ lines: [String]) -> Double? {
        let line = lines.first { $0.hasPrefix("tps = ") && $0.contains("without") }
        return line?.split(separator: " ").dropFirst(2).first.flatMap { Double($0) }
    }
}
