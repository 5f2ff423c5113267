import Foundation
import Glibc
import Synchronization
import Testing

/// A lab that is given little: each row is a line of `sh` with a limit in it, the exit status that
/// is expected, and the first line of what is said on standard error.
struct LimitTests {
    struct Row: Sendable, CustomTestStringConvertible {
        /// What the shell does; `$shiplog`, `$HOME` and `$TMPDIR` are the test's own.
        let line: String
        let status: Int32
        /// With which it begins; nil: nothing is said.
        let says: String?
        /// It mounts a file system, where nobody else sees it.
        let mounts: Bool
        /// The most threads of a user who may not have more; the superuser may.
        let threads: Int?

        init(
            _ line: String, _ status: Int32, says: String? = nil, mounts: Bool = false,
            threads: Int? = nil
        ) {
            (self.line, self.status, self.says) = (line, status, says)
            (self.mounts, self.threads) = (mounts, threads)
        }

        /// The program that does it, and its arguments.
        var words: [String] {
            let shell = ["/bin/sh", "-c", line]
            if mounts { return ["/usr/bin/unshare", "-m"] + shell }
            guard let threads else { return shell }
            return Self.asUser(Self.nextUser.add(1, ordering: .relaxed).newValue, threads) + shell
        }

        /// A number that is nobody's, so that no other process counts.
        static let nextUser = Atomic(64_000)

        static func asUser(_ user: Int, _ threads: Int) -> [String] {
            ["/usr/bin/setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups"]
                + ["/usr/bin/prlimit", "--nproc=\(threads)"]
        }

        var testDescription: String { line }
    }

    private static let works = "$shiplog -c 'set a 1' -c 'get a'"

    // Little memory, small files, small stacks.
    @Test(arguments: [
        Row("ulimit -v 100000; \(works)", 2, says: "error: a lab needs 1024 MiB of address space"),
        Row("ulimit -v 1000000; \(works)", 2, says: "error: a lab needs 1024 MiB of address space"),
        Row("ulimit -v 100000; $shiplog check x", 2, says: "error: a lab needs 1024 MiB of"),
        Row("ulimit -v 1048576; $shiplog --replicas 16 -c 'load 20'", 0),
        Row("ulimit -f 0; \(works)", 2, says: "error: the directory "),
        Row("ulimit -f 1000; \(works)", 2, says: "error: p cannot be opened: the disk is full"),
        Row("ulimit -f 0; $shiplog --dir $HOME/lab -c status", 2, says: "error: the directory "),
        Row("ulimit -f 4000; \(works)", 0),
        Row(
            "ulimit -n 1024; $shiplog --replicas 200 -c status", 2,
            says: "error: a lab of this size needs 3449 descriptors; the limit here is 1024\n"),
        Row("ulimit -n 3449; $shiplog --replicas 200 -c 'set a 1' -c 'get a r200'", 0),
        Row("ulimit -s 128; \(works)", 0),
        Row("ulimit -s unlimited; \(works)", 0),
    ])
    func `what the system does not give is told, or not needed`(_ row: Row) throws {
        try check(row)
    }

    private static let noThreads = "error: a lab needs 12 threads, and the system gives fewer"

    // Few threads: one is the shell's or the program's own.
    @Test(
        .enabled(if: geteuid() == 0, "only the superuser can be another user"),
        arguments: [
            Row("exec \(works)", 2, says: noThreads, threads: 1),
            Row("exec \(works)", 2, says: noThreads, threads: 2),
            Row("exec \(works)", 2, says: noThreads, threads: 8),
            Row("$shiplog check $HOME", 2, says: noThreads, threads: 8),
            Row("$shiplog explore --seeds 1", 2, says: noThreads, threads: 8),
            Row("$shiplog bench soak --seconds 1", 2, says: noThreads, threads: 8),
            Row(
                "$shiplog --replicas 40 -c status", 2,
                says: "error: a lab of this size needs 49 threads", threads: 40),
            Row("$shiplog --replicas 40 -c 'load 3' -c 'basebackup r40'", 0, threads: 80),
            Row(works, 0, threads: 40),
        ])
    func `threads that the system does not give are told`(_ row: Row) throws {
        try check(row)
    }

    // Directories that are not there, or not to be written to, or full.
    @Test(arguments: [
        Row("unset HOME; \(works)", 0),
        Row("TMPDIR=; \(works)", 0),
        Row("TMPDIR=$HOME/none; \(works)", 2, says: "error: the directory "),
        Row("TMPDIR=/proc; \(works)", 2, says: "error: the directory /proc cannot be used: "),
        Row("TMPDIR=/dev/null; \(works)", 2, says: "error: the directory /dev/null cannot be used"),
        Row("$shiplog --dir '' -c status", 2, says: "error: the directory '' cannot be used"),
        Row("$shiplog --dir /dev/null -c status", 2, says: "error: the directory /dev/null "),
        Row("mount -t tmpfs -o ro none $TMPDIR; \(works)", 2, says: "error: the ", mounts: true),
        Row("mount -t tmpfs -o size=4k none $TMPDIR; \(works)", 2, says: "error: ", mounts: true),
        Row(
            "mount -t tmpfs -o size=1m none $TMPDIR; \(works)", 2,
            says: "error: p cannot be opened: the disk is full", mounts: true),
        Row(
            "mount -t tmpfs -o ro none $HOME; $shiplog --dir $HOME/lab -c status", 2,
            says: "error: the directory ", mounts: true),
        Row(
            "mount -t tmpfs -o ro none $TMPDIR; $shiplog --dir $TMPDIR -c status", 2,
            says: "error: the directory ", mounts: true),
        // What could not be begun for want of room is begun when there is some.
        Row(
            "mount -t tmpfs -o size=64k none $HOME; $shiplog --dir $HOME/lab -c status; "
                + "mount -o remount,size=16m $HOME; $shiplog --dir $HOME/lab -c 'set a 1'", 0,
            says: "error: p cannot be opened: the disk is full", mounts: true),
    ])
    func `a directory that cannot be used is told`(_ row: Row) throws {
        try check(row)
    }

    // Input and output that are not there, or take nothing.
    @Test(arguments: [
        Row("$shiplog <&-", 2, says: "error: standard input: "),
        Row("\(works) <&-", 0),
        Row("\(works) >&-", 1, says: "error: cannot print: "),
        Row("\(works) >/dev/full", 1, says: "error: cannot print: No space left on device"),
        Row("$shiplog -c bogus 2>&-", 1),
        Row("$shiplog -c bogus 2>/dev/full", 1),
        Row("$shiplog check $HOME/none >/dev/full", 2, says: "error: "),
        Row("{ read -r _; \(works); echo $? >&2; } | true", 0, says: "141"),
    ])
    func `input and output that are not there are told, or not missed`(_ row: Row) throws {
        try check(row)
    }

    /// Later than at the start: others of the same user may have taken them.
    @Test(.enabled(if: geteuid() == 0, "only the superuser can be another user"))
    func `a command that gets no thread fails, and succeeds when there is one`() throws {
        let home = try Home()
        try home.openToEverybody()
        let user = Row.nextUser.add(1, ordering: .relaxed).newValue
        func lab(_ replicas: Int, threads: Int) throws -> PipedRun {
            let words = Row.asUser(user, threads) + [Child.path, "--keep-going"]
            let run = try PipedRun(words + ["--replicas", "\(replicas)"], in: home)
            run.type("set a 1; get a\n")
            while try run.nextLine() != "1" {}
            return run
        }
        let run = try lab(2, threads: 40)
        run.type("crash r1\n")
        let other = try lab(60, threads: 200)
        run.type("restart r1; basebackup r2; get a\n")
        while try run.nextLine() != "1" {}
        #expect(try other.finish().status == 0)
        run.type("restart r1; basebackup r2; verify\n")
        let result = try run.finish()
        #expect(result.status == 1)
        #expect(
            result.errors == """
                error: r1 cannot be opened: no thread can be made: Resource temporarily unavailable
                try: ulimit -u with a larger number, or end other programs
                error: no thread can be made: Resource temporarily unavailable
                try: ulimit -u with a larger number, or end other programs

                """)
        #expect(result.output.contains("r1 is up: "))
        #expect(result.output.contains("r2 streams from p"))
        #expect(home.leftovers.isEmpty)
    }

    /// Whether a file system of our own can be mounted here, where nobody else sees it.
    private static let canMount: Bool = {
        guard let home = try? Home() else { return false }
        let line = "exec unshare -m mount -t tmpfs -o size=64k none $TMPDIR"
        return (try? shell(line, in: home).status) == 0
    }()

    private func check(_ row: Row) throws {
        guard !row.mounts || Self.canMount else {
            return withKnownIssue("nothing can be mounted here") { Issue.record("\(row.line)") }
        }
        let home = try Home()
        if row.threads != nil { try home.openToEverybody() }
        let run = try PipedRun(row.words, in: home, variables: ["shiplog": Child.path])
        let result = try run.finish()
        #expect(result.status == row.status, "\(result.errors)")
        if let says = row.says {
            #expect(result.errors.hasPrefix(says), "\(result.errors)")
        } else {
            #expect(result.errors.isEmpty, "\(result.errors)")
        }
        #expect(home.leftovers.isEmpty)
    }
}
