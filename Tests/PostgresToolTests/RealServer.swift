import Foundation
import Glibc
import Programs
import TestSupport
import Testing

/// A PostgreSQL server of one test's own, on loopback, with a directory that goes with it.
///
/// PostgreSQL does not run as root: where the tests do, it runs as `postgres`.
final class RealServer {
    let port: Int
    let directory: String
    private let folder: TemporaryFolder

    /// Makes a cluster and starts it, with lines for its configuration.
    init(segmentMebibytes: Int = 16, settings: [String] = []) throws {
        folder = try TemporaryFolder()
        directory = folder.path + "/data"
        port = try LoopbackPort.free()
        if getuid() == 0 {
            let user = try #require(getpwnam("postgres"), "there is no user postgres")
            #expect(chown(folder.path, user.pointee.pw_uid, user.pointee.pw_gid) == 0)
        }
        try Self.succeed(
            "initdb",
            [
                "-D", directory, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C",
                "--wal-segsize=\(segmentMebibytes)",
            ])
        let lines =
            [
                "port=\(port)", "listen_addresses='127.0.0.1'",
                "unix_socket_directories='\(folder.path)'", "fsync=off", "wal_keep_size=1GB",
            ] + settings
        let file = try #require(FileHandle(forWritingAtPath: directory + "/postgresql.conf"))
        try file.seekToEnd()
        try file.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
        try file.close()
        try control("start")
    }

    /// To be called at the end of a test, which may have stopped it already.
    func stop() { try? control("stop") }

    /// Says something in SQL; gives what comes back, a line a row.
    @discardableResult
    func sql(_ statements: String...) throws -> [String] {
        let outcome = try PostgresTools.run(
            "psql",
            [
                "-XAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", "\(port)", "-U",
                "postgres",
            ] + statements.flatMap { ["-c", $0] } + ["postgres"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.lines.map(String.init)
    }

    /// Starts it, or stops it at once.
    func control(_ verb: String) throws {
        try Self.succeed(
            "pg_ctl",
            ["-D", directory, "-w", verb]
                + (verb == "stop" ? ["-m", "fast"] : ["-l", folder.path + "/log"]))
    }

    private static func succeed(_ program: String, _ arguments: [String]) throws {
        let found = PostgresTools.path(of: program)
        let path = try #require(found, "\(program) of PostgreSQL 15 is not installed")
        let asOther =
            getuid() == 0
            ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        let outcome = try PostgresTools.run(
            path: "/bin/bash", ["-c", alone, "bash"] + asOther + [path] + arguments)
        #expect(outcome.status == 0, "\(program): \(outcome.errors) \(outcome.output)")
    }

    /// A server that is left behind must not keep what this process is told of the program's end
    /// by: nothing but the standard descriptors is passed on.
    private static let alone = """
        for each in /proc/self/fd/*; do
            number=${each##*/}
            [ "$number" -gt 2 ] && eval "exec $number>&-"
        done
        exec "$@"
        """
}
