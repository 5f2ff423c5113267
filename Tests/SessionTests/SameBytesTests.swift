import CommandLanguage
import Session
import Testing

/// What is said depends on the seed and the commands, and on nothing else.
struct SameBytesTests {
    private static let journal = [
        "status", "set pay:1 100", "lag r1 800ms; lag r2 300ms", "load 45 every 1s/15 as pay",
        "lag", "status", "wal", "partition r2", "set b 2", "wait 1s", "reconnect r2", "lag",
        "begin", "set t 1", "get t", "get r2 t", "delete b", "rollback", "begin", "set t 1",
        "set u 2", "status", "load 3", "commit", "checkpoint", "checkpoint r1", "checkpoint r1",
        "vacuum", "page 0", "page r2 0", "diff p r1", "wal --raw", "config full_page_writes off",
        "set t 2", "config full_page_writes on", "disk r1 full", "disk r1 ok",
        "stop r1", "restart r1", "crash primary wire=deliver", "lag", "wait 300ms", "get r2 pay:45",
        "promote r2", "status", "wait 20s", "damage p torn", "diff p r2",
        "restart p", "begin r2", "set r2 a 1", "get r2 a", "rollback", "set p x y", "set z 1",
        "lost", "lag",
        "wal r2", "config", "help", "get nothing", "delete nothing", "promote r1", "heal",
        "crash r2", "promote r1", "status", "lost",
    ]

    private func transcript(replicas: Int = 2) throws -> [String] {
        try withSession(replicas: replicas) { session in
            Self.journal.flatMap { line in
                [session.prompt + line] + session.run(line, keepsGoing: true).lines
            }
        }
    }

    @Test func `two sessions of one journal say the same bytes`() throws {
        let first = try transcript()
        let second = try transcript()
        let differing = zip(first, second).first { $0 != $1 }.map { "\($0)\n\($1)" }
        #expect(differing == nil)
        #expect(first.count == second.count)
    }

    @Test(arguments: [0, 1, 4])
    func `lines are tidy, with any number of replicas`(_ replicas: Int) throws {
        for line in try transcript(replicas: replicas) {
            #expect(line.last != " " || line.isEmpty, "\(line)")
            #expect(!line.contains("127.0.0.1"), "\(line)")
            #expect(!line.contains("/tmp"), "\(line)")
            #expect(!line.contains("Optional("), "\(line)")
            #expect(!line.contains("\n"), "\(line)")
        }
    }

    @Test func `replies fit in 80 columns`() throws {
        let wide = try transcript().filter { DisplayWidth.of($0) > 80 }
        #expect(wide.isEmpty)
    }
}
