import Foundation
import Glibc
import TestSupport
import Testing

/// A process that may hold few descriptors, and outside programs that want many.
@Suite struct DescriptorTests {
    private let home: Home

    init() throws {
        home = try Home()
    }

    @Test(arguments: 10...64)
    func `with a low limit it says which it needs, and starts nothing`(limit: Int) throws {
        let run = try shell("ulimit -n \(limit) && exec \"$shiplog\" -c 'set a 1'", in: home)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(
            run.errors == """
                error: a lab of this size needs 83 descriptors; the limit here is \(limit)
                try: ulimit -n 83, or fewer --replicas

                """)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `with the limit it asked for, all works that a lab does`() throws {
        let script = """
            set a 1; partition r1; load 20; heal r1; wait 1m; basebackup r2; crash p; promote r1
            restart p; follow r2 r1; rewind p
            """
        let few = try shell(
            "ulimit -n 83 && exec \"$shiplog\" --keep-going -c '\(script)'", in: home)
        let many = try shiplog("--keep-going", "-c", script, in: home)
        #expect(few.output == many.output)
        #expect(few.status == many.status)
    }

    @Test func `a soft limit is raised to the hard one`() throws {
        let run = try shell("ulimit -Sn 40 && exec \"$shiplog\" -c 'set a 1'", in: home)
        #expect(run.status == 0)
    }

    /// More connections than the process has descriptors, to every port it listens on: the lab's
    /// own go on connecting.
    @Test func `a crowd on every port keeps nothing of the lab's from working`() throws {
        let run = try PipedRun(
            ["/bin/sh", "-c", "ulimit -n 96 && exec \"$shiplog\""], in: home,
            variables: ["shiplog": Child.path])
        run.type("set a 1\n")
        _ = try run.nextLine()
        var crowd: [Int32] = []
        defer { for socket in crowd { close(socket) } }
        for port in try listeningPorts(of: run.child.pid) {
            crowd += (0..<60).compactMap { _ in loopbackSocket(to: port) }
        }
        #expect(crowd.count > 96)
        run.type("set b 2\ncrash p\nrestart p\nwait 10s\nset c 3\nverify\n")
        let result = try run.finish()
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        #expect(home.leftovers.isEmpty)
    }

    /// The ports of its listening sockets, from /proc.
    private func listeningPorts(of pid: pid_t) throws -> [Int] {
        let folder = "/proc/\(pid)/fd"
        let own = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
        let table = String(decoding: contents(of: "/proc/\(pid)/net/tcp"), as: UTF8.self)
        return table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields[3] == "0A", own.contains("socket:[\(fields[9])]") else { return nil }
            return fields[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
        }
    }

    /// A file whose length is known only at its end.
    private func contents(of path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var all: [UInt8] = []
        while case let piece = Descriptors.read(descriptor), !piece.isEmpty { all += piece }
        return all
    }
}
