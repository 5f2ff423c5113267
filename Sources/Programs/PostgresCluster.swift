internal import Glibc
package import WALFormat

/// A stopped cluster of a real PostgreSQL, made by its own `initdb`, that holds one empty table
/// `kv(key text, value text)` as its first: `base/5/16384`. A lab can go on with its log from the
/// last checkpoint, and copies of its files can then follow the lab.
///
/// - Its last log segment begins with that checkpoint, as a lab's first one does.
/// - All calls block.
package struct PostgresCluster: Hashable, Sendable {
    /// The role that may do everything in it, over TCP without a password.
    package static let user = "postgres"
    /// The programs that make one, and run it.
    package static let needed = ["initdb", "pg_resetwal", "postgres", "pg_controldata"]

    /// Its data directory.
    package let path: String
    /// The number that all copies of it share.
    package let systemIdentifier: UInt64
    /// Where its last checkpoint lies: a shutdown checkpoint, the end of its log.
    package let checkpoint: LSN

    /// Makes a cluster in a new folder.
    ///
    /// - Parameter scratch: a folder of one's own for what is handed to the programs.
    /// - Throws: what the program that could not do its part said.
    package init(
        creating path: String, scratch: String, with programs: PostgresPrograms
    ) throws(ProgramFailure) {
        self.path = path
        try checked("mkdir \(path)", mkdir(path, 0o700))
        try PostgresPrograms.handOver(path)
        let prefix = PostgresPrograms.serverPrefix()
        _ = try ChildProcess(
            prefix + [
                programs.path("initdb"), "-D", path, "-U", Self.user, "-A", "trust", "-E", "UTF8",
                "--no-locale", "--data-checksums", "--wal-segsize=1", "--no-sync",
                "--no-instructions",
            ]
        ).finish()
        // A server without a postmaster gives out object ids from below what is a user's.
        _ = try ChildProcess(
            prefix + [programs.path("pg_resetwal"), "-o", "16384", "-D", path]
        ).finish()
        let statements = scratch + "/kv.sql"
        try Self.write(Self.statements, to: statements)
        defer { unlink(statements) }
        let said = try ChildProcess(
            prefix + [programs.path("postgres"), "--single", "-F", "-D", path, "postgres"],
            input: statements
        ).finish()
        guard access(path + "/base/5/16384", F_OK) == 0 else {
            throw .program(
                name: "postgres", said: "no table kv: " + ChildProcess.lastOutput(said))
        }
        (systemIdentifier, checkpoint) = try Self.identity(path, programs)
    }

    /// A cluster that was made before.
    package init(
        opening path: String, with programs: PostgresPrograms
    ) throws(ProgramFailure) {
        self.path = path
        (systemIdentifier, checkpoint) = try Self.identity(path, programs)
    }

    /// Copies its files to a new folder, for a standby to be made of.
    package func copy(to folder: String) throws(ProgramFailure) {
        _ = try ChildProcess(["/bin/cp", "-a", path, folder]).finish()
    }

    /// The table, then a new segment: the checkpoint of the shutdown is the first record in it.
    private static let statements = """
        create table kv(key text, value text);
        select pg_switch_wal();

        """

    private static func write(_ text: String, to path: String) throws(ProgramFailure) {
        let file = try checked("create \(path)", open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644))
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw .system(call: "write \(path)", errno: errno)
        }
    }

    private static func identity(
        _ path: String, _ programs: PostgresPrograms
    ) throws(ProgramFailure) -> (systemIdentifier: UInt64, checkpoint: LSN) {
        let name = "pg_controldata"
        let lines = try ChildProcess([programs.path(name), "-D", path]).finish()
        guard fact("Database cluster state", in: lines) == "shut down",
            let number = fact("Database system identifier", in: lines).flatMap({ UInt64($0) }),
            let checkpoint = fact("Latest checkpoint location", in: lines).flatMap({ LSN($0) })
        else { throw .program(name: name, said: "the new cluster was not shut down cleanly") }
        return (number, checkpoint)
    }

    /// The value in a line such as `Latest checkpoint location:           0/1500028`.
    static func fact(_ name: String, in lines: [String]) -> String? {
        for line in lines where line.hasPrefix(name + ":") {
            let value = line.dropFirst(name.utf8.count + 1).drop { $0 == " " }
            return String(value)
        }
        return nil
    }
}
