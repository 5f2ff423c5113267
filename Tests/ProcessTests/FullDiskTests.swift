import Foundation
import Testing

/// Room runs out in the middle of a write, so that part of it is made: a short write. The prompt
/// comes back with a clear error, and when there is room again writes go on.
struct FullDiskTests {
    private static let prlimit = "/usr/bin/prlimit"
    private static var hasPrlimit: Bool {
        FileManager.default.isExecutableFile(atPath: prlimit)
    }

    /// Whether a file system of our own can be mounted here, where nobody else sees it.
    private static let canMount: Bool = {
        guard let home = try? Home() else { return false }
        let line = "exec unshare -m mount -t tmpfs -o size=64k none \(home.path)/tmp"
        return (try? shell(line, in: home).status) == 0
    }()

    /// A lab at the other end of three pipes, spoken to line by line.
    private final class Talk {
        let run: PipedRun
        private(set) var acknowledged: [String] = []
        private var number = 0

        init(_ words: [String], in home: Home) throws { run = try PipedRun(words, in: home) }

        /// Writes the next key, with a value of so many bytes.
        func write(_ byteCount: Int) throws -> Told {
            number += 1
            let value = "v\(number)" + String(repeating: "x", count: byteCount)
            run.type("set k\(number) \(value)\n")
            let told = try Told(try run.nextLine())
            if let key = told.acknowledged {
                #expect(key == "k\(number)")
                acknowledged.append(key)
            }
            return told
        }

        /// Writes until a write fails; at most so often. Answers what was told then.
        func writeUntilTrouble(_ byteCount: Int, atMost limit: Int) throws -> Told? {
            for _ in 0..<limit {
                let told = try write(byteCount)
                if told.acknowledged == nil { return told }
            }
            return nil
        }

        /// What a lab opened again must say to `gets`, if it has all that was acknowledged.
        func isKept(_ values: [String], _ byteCount: Int) -> Bool {
            let rest = String(repeating: "x", count: byteCount)
            return values == acknowledged.map { "v" + $0.dropFirst() + rest }
        }
    }

    @Test(.enabled(if: hasPrlimit, "prlimit is not installed"))
    func `a file that may not grow takes part of a write, and the node says that it is full`()
        throws
    {
        let lab = try KeptLab()
        try lab.make()
        // Within the first segment, and in no record's first or last byte.
        let limit = 100_004
        let talk = try Talk(
            [Self.prlimit, "--fsize=\(limit):unlimited", Child.path] + lab.arguments
                + ["--json", "--keep-going", "-f", "-"], in: lab.home)
        let unknown = try #require(try talk.writeUntilTrouble(1000, atMost: 200))
        #expect(unknown.isUnknown, "\(unknown)")
        #expect(talk.acknowledged.count > 10)
        // Part of the record is there, up to the limit's byte, and nothing behind it.
        let segment = lab.path + "/p/pg_wal/000000010000000000000001"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: segment))
        #expect(bytes[(limit - 16)..<limit] == Data(repeating: UInt8(ascii: "x"), count: 16))
        #expect(bytes[limit...].allSatisfy { $0 == 0 })
        for _ in 0..<3 { #expect(try talk.write(1000).isRefusal) }
        talk.run.type("get k1\n")
        #expect(try talk.run.nextLine().contains("\"key\":\"k1\""))
        let lift = [Self.prlimit, "--pid", "\(talk.run.child.pid)", "--fsize=unlimited:unlimited"]
        #expect(try PipedRun(lift, in: lab.home).finish().status == 0)
        // This one looks whether there is room, and is the last to be refused.
        #expect(try talk.write(1000).isRefusal)
        for _ in 0..<20 { #expect(try talk.write(1000).acknowledged != nil) }
        #expect(try talk.run.finish().status == 1)
        let gets = talk.acknowledged.map { "get \($0)\n" }.joined()
        let again = try shiplog("--dir", lab.path, "-f", "-", input: gets, in: lab.home)
        #expect(again.status == 0, "\(again.errors)")
        #expect(talk.isKept(again.lines, 1000))
    }

    @Test(.enabled(if: canMount, "nothing can be mounted here"))
    func `on a disk that is really full nothing acknowledged is lost, and room brings writes back`()
        throws
    {
        let home = try Home()
        let disk = home.path + "/disk"
        let keys = (1...1500).map { "k\($0)" }
        let gets = try home.file("gets", keys.map { "get \($0)\n" }.joined())
        // The mount is seen by this shell and its children, and goes with them.
        let script = """
            mkdir \(disk) && mount -t tmpfs -o size=2600k none \(disk) || exit 99
            \(Child.path) --replicas 0 --dir \(disk)/lab --json --keep-going -f -
            echo again
            exec \(Child.path) --dir \(disk)/lab --json --keep-going -f \(gets)
            """
        let talk = try Talk(["/usr/bin/unshare", "-m", "/bin/sh", "-c", script], in: home)
        let trouble = try #require(try talk.writeUntilTrouble(4000, atMost: 700))
        #expect(trouble.isRefusal, "\(trouble)")
        // One segment is full or nearly so, another was made ahead, a third found no room.
        #expect(talk.acknowledged.count > 200)
        for _ in 0..<3 { #expect(try talk.write(4000).isRefusal) }
        talk.run.type("get k1\n")
        #expect(try talk.run.nextLine().contains("\"key\":\"k1\""))
        let remount = [
            "/usr/bin/nsenter", "-t", "\(talk.run.child.pid)", "-m", "mount", "-o",
            "remount,size=16m", disk,
        ]
        #expect(try PipedRun(remount, in: home).finish().status == 0)
        #expect(try talk.write(4000).isRefusal)
        for _ in 0..<300 { #expect(try talk.write(4000).acknowledged != nil) }
        let lines = try talk.run.finish().lines
        #expect(lines.first == "again")
        let found = try lines.dropFirst().map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let members = try #require(object as? [String: Any])
            return (members["key"] as? String ?? "", members["value"] as? String)
        }
        let values = Dictionary(found, uniquingKeysWith: { first, _ in first })
        #expect(talk.isKept(talk.acknowledged.compactMap { values[$0] ?? nil }, 4000))
    }
}
