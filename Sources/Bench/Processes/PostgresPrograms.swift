internal import Glibc

/// The programs of an installed PostgreSQL 15.
struct PostgresPrograms {
    /// Where Debian, and after it the PostgreSQL project's own packages, put them.
    static let defaultFolder = "/usr/lib/postgresql/15/bin"

    let folder: String

    /// Nil when there are none.
    init?(folder: String = Self.defaultFolder) {
        self.folder = folder
        let needed = ["initdb", "postgres", "pgbench", "pg_receivewal"]
        guard needed.allSatisfy({ access(folder + "/" + $0, X_OK) == 0 }) else { return nil }
    }

    func path(_ program: String) -> String { folder + "/" + program }

    /// How a server's program has to be started: it ends when this process does, come of it what
    /// may, and it refuses to run as root.
    static func serverPrefix() -> [String] {
        let prefix = [starter, "--pdeathsig", "INT"]
        guard geteuid() == 0 else { return prefix }
        return prefix + ["--reuid=\(account)", "--regid=\(account)", "--clear-groups"]
    }

    /// Gives a folder to whoever the server runs as.
    static func handOver(_ folder: String) throws(BenchFailure) {
        guard geteuid() == 0 else { return }
        guard let entry = getpwnam(account)?.pointee else {
            throw .program(name: "postgres", said: "there is no user \(account) to run it as")
        }
        try checked("chown \(folder)", chown(folder, entry.pw_uid, entry.pw_gid))
    }

    /// The program that starts a server's, and becomes it.
    static let starter = "/usr/bin/setpriv"
    private static let account = "postgres"
}
