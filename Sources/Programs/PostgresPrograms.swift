internal import Glibc

/// The programs of an installed PostgreSQL 15.
package struct PostgresPrograms: Hashable, Sendable {
    /// Where Debian, and after it the PostgreSQL project's own packages, put them.
    package static let defaultFolder = "/usr/lib/postgresql/15/bin"

    private let folder: String

    /// Nil when one of those that are needed is not there.
    package init?(_ needed: [String], folder: String = Self.defaultFolder) {
        self.folder = folder
        guard needed.allSatisfy({ access(folder + "/" + $0, X_OK) == 0 }) else { return nil }
    }

    /// The path of one of them.
    package func path(_ program: String) -> String { folder + "/" + program }

    /// How a server's program has to be started: it ends when this process does, come of it what
    /// may, and it refuses to run as root.
    package static func serverPrefix() -> [String] {
        let prefix = [starter, "--pdeathsig", "INT"]
        guard geteuid() == 0 else { return prefix }
        return prefix + ["--reuid=\(account)", "--regid=\(account)", "--clear-groups"]
    }

    /// Gives a folder to whoever the server runs as.
    package static func handOver(_ folder: String) throws(ProgramFailure) {
        guard geteuid() == 0 else { return }
        guard let entry = getpwnam(account)?.pointee else {
            throw .program(name: "postgres", said: "there is no user \(account) to run it as")
        }
        try checked("chown \(folder)", chown(folder, entry.pw_uid, entry.pw_gid))
    }

    /// Lets whoever the server runs as pass through a folder on the way to its own.
    package static func openWay(through folder: String) throws(ProgramFailure) {
        guard geteuid() == 0 else { return }
        try checked("chmod \(folder)", chmod(folder, 0o711))
    }

    /// The program that starts a server's, and becomes it.
    static let starter = "/usr/bin/setpriv"
    private static let account = "postgres"
}
