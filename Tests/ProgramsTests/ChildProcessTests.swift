import Glibc
import Testing

@testable import Programs

/// Programs that others wrote, started and ended.
struct ChildProcessTests {
    @Test func `what it prints on both streams is read line by line`() throws {
        let lines = try ChildProcess(["/bin/sh", "-c", "echo one; echo two >&2; printf three"])
            .finish()
        #expect(lines == ["one", "two", "three"])
    }

    @Test func `it reads the file it is given`() throws {
        #expect(try ChildProcess(["/bin/cat"], input: "/dev/null").finish() == [])
        let lines = try ChildProcess(["/bin/cat"], input: "/proc/self/comm").finish()
        #expect(lines.count == 1)
    }

    @Test func `one that fails says why in its last words`() {
        let failure = ProgramFailure.program(name: "sh", said: "b; c")
        #expect(throws: failure) {
            try ChildProcess(["/bin/sh", "-c", "echo a; echo b; echo c; exit 3"]).finish()
        }
    }

    @Test func `one that is not there is a failure of the system`() {
        #expect(throws: ProgramFailure.system(call: "start /no/such", errno: ENOENT)) {
            try ChildProcess(["/no/such"])
        }
    }

    /// A socket that lived on in a program would never close for whoever is at its other end.
    @Test func `it inherits no open file`() throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        #expect(file > 2)
        let lines = try ChildProcess(["/bin/sh", "-c", "ls /proc/$$/fd"]).finish()
        #expect(Set(lines).subtracting(["0", "1", "2"]) == [])
    }

    @Test func `a server ends when it is told to`() throws {
        let process = try ChildProcess(["/bin/sh", "-c", "echo up; exec cat"], input: "/dev/zero")
        #expect(process.readLine() == "up")
        process.stop(SIGTERM)
        process.stop(SIGTERM)
    }

    @Test func `its keeper hears of its beginning before its end`() throws {
        let keeper = Keeper()
        _ = try ChildProcess(["/bin/true"], keeper: keeper).finish()
        #expect(keeper.heard == ["began", "ends"])
    }

    @Test func `a fact is read off the lines of pg_controldata`() {
        let lines = ["Database cluster state:               shut down", "Latest: x"]
        #expect(PostgresCluster.fact("Database cluster state", in: lines) == "shut down")
        #expect(PostgresCluster.fact("Latest checkpoint", in: lines) == nil)
    }
}

private final class Keeper: ProcessKeeper, @unchecked Sendable {
    private(set) var heard: [String] = []

    func began(_ pid: Int32, isServer: Bool) { heard.append("began") }
    func ends(_ pid: Int32) { heard.append("ends") }
}
