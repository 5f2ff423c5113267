import CommandLanguage
import Testing

struct CommandErrorTests {
    private static let nodes = "nodes: p, r1, r2"
    private static let usage = (
        set: "set [NODE] KEY VALUE, for example: set pay:7 100",
        load: "load N [every D] [as PREFIX], for example: load 12 every 66ms as pay",
        crash: "crash NODE [wire=drop|deliver], for example: crash primary"
    )

    /// Line, column of the caret, what is wrong, what to type instead.
    private static let mistakes: [(String, Int, String, String)] = [
        ("promte", 0, "unknown command 'promte'", "promote"),
        ("  sett a b", 2, "unknown command 'sett'", "set"),
        ("foo", 0, "unknown command 'foo'", "help"),
        ("put a b", 0, "unknown command 'put'", "set"),
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
            "get [NODE] KEY, or get 'r1' for a key named r1"
        ),
        ("set k hello world", 12, "set: unexpected word 'world'", "set k 'hello world'"),
        ("set r1 k it\\'s me", 15, "set: unexpected word 'me'", "set r1 k \"it's me\""),
        ("status now", 7, "status: unexpected word 'now'", "status"),
        ("wait 5 ms", 7, "wait: unexpected word 'ms'", "wait 5ms"),
        ("load 12 66ms", 8, "load: unexpected word '66ms'", "load 12 every 66ms"),
        ("crash r1 deliver", 9, "crash: unexpected word 'deliver'", usage.crash),
        (
            "set k 'a", 6, "a ' quote is not closed",
            "end the text with ', or write \\' for the character itself"
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
        ("crash p after=ack", 8, "crash has no option 'after'", usage.crash),
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
            "no setting 'wal_keep'; settings: wal_keep_size, wal_segment_size, timeout",
            "config wal_keep_size"
        ),
        ("help promte", 5, "no help on 'promte'", "help promote"),
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
        #expect(error("status\n  promte r1")?.caretLine() == "  ^^^^^^")
    }

    @Test func `a failure is two lines of text or one object of JSON`() {
        let failure = error("promte")?.failure
        #expect(failure?.lines == ["error: unknown command 'promte'", "try: promote"])
        #expect(
            failure?.rendered(asJSON: true) == [
                #"{"error":{"message":"unknown command 'promte'","advice":"promote"}}"#
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
