import CommandLanguage
import JSON
import Testing

@testable import Session

struct CommandErrorTests {
    private static let nodes = "nodes: p, r1, r2"
    private static let usage = (
        set: "set [NODE] KEY VALUE, for example: set pay:7 100",
        load: "load 12 every 66ms as pay, or help load",
        crash: "crash NODE [wire=deliver] [disk=...] [after=...]",
        disk: "disk NODE full|room MB|eio|ok, for example: disk p full",
        damage: "damage NODE torn|wal LSN|page N BYTE, for example: damage p page 0 100",
        page: "page [NODE] N, for example: page r1 0",
        diff: "diff NODE OTHER [--keys], for example: diff p r1",
        tail: "tail [host=H] [port=P] [user=U] [from=LSN] [slot=S] [count=N]",
        position: "a position as wal shows it, such as 0/1000060"
    )

    /// Line, column of the caret, what is wrong, what to type instead.
    private static let mistakes: [(String, Int, String, String)] = [
        ("promot", 0, "unknown command 'promot'", "promote"),
        ("  sett a b", 2, "unknown command 'sett'", "set"),
        ("foo", 0, "unknown command 'foo'", "help"),
        ("put a b", 0, "unknown command 'put'", "set"),
        ("tail port=0", 5, "0 is too few", "a number from 1 to 65535"),
        ("tail port=5432 prot=1", 15, "tail has no option 'prot'", usage.tail),
        ("tail host=", 5, "tail: HOST is missing", usage.tail),
        ("tail from=end", 5, "'end' is not a WAL position", usage.position),
        ("tail count=1 count=2", 13, "tail: 'count=2' is given twice", usage.tail),
        ("''", 0, "unknown command ''''", "help"),
        ("promote r9", 8, "no node 'r9'; \(nodes)", "r1 or r2"),
        ("crash pirmary", 6, "no node 'pirmary'; \(nodes)", "primary"),
        ("set r9 k v", 4, "no node 'r9'; \(nodes)", "r1 or r2"),
        ("get foo bar", 4, "no node 'foo'; \(nodes)", "p, r1, r2 or primary"),
        ("get pay:7 r9", 10, "no node 'r9'; \(nodes)", "r1 or r2"),
        ("wal r9", 4, "no node 'r9'; \(nodes)", "r1 or r2"),
        ("set a", 6, "set: VALUE is missing", usage.set),
        ("set a=1", 8, "set: VALUE is missing", "set a 1"),
        ("set", 4, "set: KEY is missing", usage.set),
        (
            "set p 1", 4, "set: p is a node, so VALUE is missing",
            "set [NODE] KEY VALUE, or set 'p' 1 for a key named p"
        ),
        (
            "get r1", 4, "get: r1 is a node, so KEY is missing",
            "get [NODE] KEY [--disk], or get 'r1' for a key named r1"
        ),
        ("set k hello world", 12, "set: unexpected word 'world'", "set k 'hello world'"),
        ("set r1 k it\\'s me", 15, "set: unexpected word 'me'", "set r1 k \"it's me\""),
        ("status now", 7, "status: unexpected word 'now'", "status"),
        ("wait 5 ms", 7, "wait: unexpected word 'ms'", "wait 5ms"),
        ("load 12 66ms", 8, "load: unexpected word '66ms'", "load 12 every 66ms"),
        ("crash r1 deliver", 9, "crash: unexpected word 'deliver'", usage.crash),
        (
            "set k 'a", 6, "a ' quote is not closed",
            "end the text with ', or put a text that holds one in \"...\""
        ),
        ("set k a\\", 7, "the line ends in a backslash", "write \\\\ for the character itself"),
        ("get ''", 4, "get: the key is empty", "get r1 pay:7"),
        ("set k a\u{0}b", 6, "'a\\x00b' holds a zero byte, which text cannot", "a text without it"),
        ("load 10,000", 5, "'10,000' is not a whole number", "write 10000, without separators"),
        ("load 1_0", 5, "'1_0' is not a whole number", "write 10, without separators"),
        ("load 0", 5, "0 is too few", "a number from 1 to 10000000"),
        ("load 10000001", 5, "10000001 is more than 10000000", "a number from 1 to 10000000"),
        ("load ٣", 5, "'٣' is not a whole number", "a number from 1 to 10000000"),
        ("load 12 every", 14, "load: D is missing", usage.load),
        ("load 12 as a as b", 13, "load: 'as' is given twice", usage.load),
        (
            "load 10000000 every 1m", 20, "10000000 commits every 1m take longer than a year",
            "a smaller count or a shorter interval, such as: load 12 every 66ms"
        ),
        ("lag r1", 7, "lag: DELAY is missing", "lag r1 800ms, or lag for the meters"),
        ("lag 800ms", 4, "lag: REPLICA is missing", "lag r1 800ms"),
        ("crash p until=ack", 8, "crash has no option 'until'", usage.crash),
        ("crash p wire=x", 8, "wire cannot be 'x'", "wire=drop or wire=deliver"),
        (
            "status --verbose", 7, "status has no option '--verbose'",
            "--json or --help; write '--verbose' for the text itself"
        ),
        (
            "wal r1 0/20..0/10", 7, "'0/20..0/10' is not a WAL position or range",
            "0/1000060 for one record, or 0/1000060.. for all from there on"
        ),
        (
            "config wal_keep", 7,
            "the lab has no setting 'wal_keep'",
            "config wal_keep_size"
        ),
        ("begin r9", 6, "no node 'r9'; \(nodes)", "r1 or r2"),
        (
            "begin p now", 8, "begin: unexpected word 'now'",
            "begin [NODE] [isolation=repeatable-read], for example: begin"
        ),
        ("commit p", 7, "commit: unexpected word 'p'", "commit"),
        ("rollback all", 9, "rollback: unexpected word 'all'", "rollback"),
        ("checkpoint now", 11, "no node 'now'; \(nodes)", "p, r1, r2 or primary"),
        (
            "vacuum r1 full", 10, "vacuum: unexpected word 'full'",
            "vacuum [NODE], for example: vacuum"
        ),
        (
            "wal --hex", 4, "wal has no option '--hex'",
            "--raw, --stats, --json or --help; write '--hex' for the text itself"
        ),
        (
            "status --raw", 7, "status has no option '--raw'",
            "--json or --help; write '--raw' for the text itself"
        ),
        ("page", 5, "page: N is missing", usage.page),
        ("page r1", 8, "page: N is missing", usage.page),
        ("page zero", 5, "'zero' is not a whole number", "a number from 0 to 4294967294"),
        (
            "page 4294967295", 5, "4294967295 is more than 4294967294",
            "a number from 0 to 4294967294"
        ),
        ("page r9 0", 5, "no node 'r9'; \(nodes)", "r1 or r2"),
        ("page r1 0 1", 10, "page: unexpected word '1'", usage.page),
        ("diff", 5, "diff: NODE is missing", usage.diff),
        ("diff p", 7, "diff: OTHER is missing", usage.diff),
        ("diff p r9", 7, "no node 'r9'; \(nodes)", "r1 or r2"),
        ("diff p r1 r2", 10, "diff: unexpected word 'r2'", usage.diff),
        ("disk", 5, "disk: NODE is missing", usage.disk),
        ("disk p", 7, "disk: full, room, eio or ok is missing", usage.disk),
        ("disk full", 5, "disk: NODE is missing", "disk p full"),
        ("disk p ful", 7, "disk: 'ful' is not full, room, eio or ok", "full"),
        ("disk p slow", 7, "disk: 'slow' is not full, room, eio or ok", usage.disk),
        ("disk p Full", 7, "disk: 'Full' is not full, room, eio or ok", "full"),
        ("disk r9 full", 5, "no node 'r9'; \(nodes)", "r1 or r2"),
        ("disk p full now", 12, "disk: unexpected word 'now'", usage.disk),
        ("damage p", 9, "damage: torn, wal or page is missing", usage.damage),
        ("damage torn", 7, "damage: NODE is missing", "damage p torn"),
        ("damage wal 0/60", 7, "damage: NODE is missing", "damage p wal 0/60"),
        ("damage p tron", 9, "damage: 'tron' is not torn, wal or page", "torn"),
        ("damage p torn 0/60", 14, "damage: unexpected word '0/60'", usage.damage),
        ("damage p wal", 13, "damage: LSN is missing", usage.damage),
        (
            "damage p wal 60", 13, "'60' is not a WAL position",
            "a position as wal shows it, such as 0/1000060"
        ),
        (
            "damage p wal 0/10..0/20", 13, "'0/10..0/20' is not a WAL position",
            "a position as wal shows it, such as 0/1000060"
        ),
        ("damage p page", 14, "damage: N is missing", usage.damage),
        ("damage p page 0", 16, "damage: BYTE is missing", usage.damage),
        ("damage p page 0 8192", 16, "8192 is more than 8191", "a number from 0 to 8191"),
        ("damage p page x 0", 14, "'x' is not a whole number", "a number from 0 to 4294967294"),
        ("damage p page 0 0 0", 18, "damage: unexpected word '0'", usage.damage),
        (
            "config timeout 5 s", 17, "config: unexpected word 's'",
            "config [NAME [VALUE]], for example: config"
        ),
        (
            "config timeot 5", 7,
            "the lab has no setting 'timeot'",
            "config timeout"
        ),
        ("undo", 0, "unknown command 'undo'", "help"),
        ("abort", 0, "unknown command 'abort'", "rollback"),
        ("help promot", 5, "no help on 'promot'", "help promote"),
        ("help zzz", 5, "no help on 'zzz'", "help"),
    ]

    @Test(arguments: mistakes)
    func `a mistake says where, what is wrong and what to type instead`(
        _ line: String, _ column: Int, _ message: String, _ advice: String
    ) {
        let found = error(line)
        #expect(found?.message == message)
        #expect(found?.advice == advice)
        #expect(found?.column == column)
    }

    @Test func `the caret stands under the bad word, in terminal cells`() {
        #expect(error("set k 日本 x")?.caretLine() == "           ^")
        #expect(error("promote r99")?.caretLine(indent: 9) == "                 ^^^")
        #expect(error("status\n  promot r1")?.caretLine() == "  ^^^^^^")
    }

    @Test func `a failure is two lines of text or one object of JSON`() {
        let failure = error("promot")?.failure
        #expect(failure?.lines == ["error: unknown command 'promot'", "try: promote"])
        #expect(
            failure?.rendered(asJSON: true) == [
                #"{"error":{"message":"unknown command 'promot'","advice":"promote"}}"#
            ])
        #expect(Failure("x").json.encoded == #"{"error":{"message":"x","advice":null}}"#)
    }

    @Test func `a huge or hostile word is cut and escaped in its message`() {
        let long = String(repeating: "x", count: 1 << 20)
        #expect(error(long)?.message == "unknown command '\(long.prefix(40))...'")
        #expect(error("\u{1b}[31m")?.message == "unknown command '\\x1b[31m'")
        #expect((error("\(long) y")?.caretLine().utf8.count ?? 0) <= 200)
    }

    @Test func `a lab without nodes says so`() {
        #expect(error("promote r1", ParsingContext())?.message == "no node 'r1'; there are none")
    }
}
