import CommandLanguage
import Testing

@testable import Session

struct CompletionTests {
    private func offered(_ line: String, _ context: ParsingContext = .prompt) -> [String] {
        Completion.candidates(
            line: line, cursor: line.utf8.count, table: language.table, context: context
        ).candidates
    }

    @Test func `an empty line offers every verb`() {
        #expect(offered("") == language.table.specs.map(\.name).sorted())
        #expect(offered("status; ") == offered(""))
    }

    @Test(arguments: [
        ("st", ["status", "step", "stop"]), ("PRO", ["promote"]), ("zz", []),
        ("promote ", ["--dry-run", "r1", "r2"]),
        (
            "crash ",
            [
                "after=ack", "after=apply", "after=flush", "after=insert", "after=never",
                "after=persist", "after=receive", "after=send",
                "disk=everything", "disk=nothing", "disk=prefix", "disk=sectors", "p", "primary",
                "r1", "r2", "wire=deliver", "wire=drop",
            ]
        ),
        ("crash p w", ["wire=deliver", "wire=drop"]),
        ("tail p", ["port=5432"]),
        (
            "tail port=99 ",
            [
                "count=10", "from=0/1000060", "host=127.0.0.1", "slot=shiplog", "user=postgres",
            ]
        ),
        ("crash p disk=prefix wire=drop after=ack ", []),
        ("stop r", ["r1", "r2"]), ("heal ", ["r1", "r2"]), ("lag ", ["r1", "r2"]), ("lag r1 ", []),
        ("get pay", ["pay:1", "pay:2"]), ("get r1 t", ["'two words'"]),
        ("get 'two", ["'two words'"]),
        ("get ", ["--disk", "p", "pay:1", "pay:2", "primary", "r1", "r2", "'two words'"]),
        ("set k ", []),
        ("load ", ["as", "every", "of", "reads=60", "users=10", "via=sticky:2s", "writes=12"]),
        ("load 12 ev", ["every"]),
        ("load 12 every ", []),
        ("load 12 every 1s ", ["as", "of", "reads=60", "users=10", "via=sticky:2s", "writes=12"]),
        ("config t", ["timeout"]),
        ("help fail", ["fail-over", "failover", "failure"]),
        ("? syn", ["syntax"]), ("status ", []), ("set a 1; pro", ["promote"]), ("# pro", []),
        ("nonsense ", []), ("pro ", ["--dry-run", "r1", "r2"]),
        ("wal ", ["--raw", "--stats", "p", "primary", "r1", "r2"]),
        ("wal p --", ["--raw", "--stats"]),
        ("wal p --raw ", ["--stats"]),
        (
            "begin ",
            ["isolation=read-committed", "isolation=repeatable-read"]
                + ["p", "primary", "r1", "r2"]
        ),
        ("commit ", []),
        ("page ", ["p", "primary", "r1", "r2"]), ("page p ", []),
        ("diff p ", ["--keys", "p", "primary", "r1", "r2"]),
        ("disk p ", ["eio", "full", "ok", "room"]),
        ("disk p f", ["full"]), ("disk p full ", []), ("damage p ", ["page", "torn", "wal"]),
        ("damage p page ", []), ("damage p torn ", []),
        ("config ", ["timeout", "wal_keep_size", "wal_segment_size"]),
        ("config timeout ", ["off", "on"]), ("config timeout o", ["off", "on"]),
    ])
    func `TAB offers what the grammar allows there`(_ line: String, _ candidates: [String]) {
        #expect(offered(line) == candidates)
    }

    @Test func `what TAB offers stands in place of the word before the cursor`() {
        let completion = Completion.candidates(
            line: "get r1 pay:2", cursor: 8, table: language.table, context: .prompt)
        #expect(completion.start == 7)
        #expect(completion.candidates == ["pay:1", "pay:2"])
        #expect(completion.commonPrefix == "pay:")
    }

    @Test func `a cursor inside a character or outside the line harms nothing`() {
        for cursor in -1...12 {
            _ = Completion.candidates(
                line: "get 日本", cursor: cursor, table: language.table, context: .prompt)
        }
    }

    @Test func `every word offered parses where it is offered`() throws {
        let verbs = [
            "get", "crash", "promote", "heal", "config", "help", "wal", "begin", "disk p",
            "damage p", "diff p", "salvage",
        ]
        for verb in verbs {
            for word in offered(verb + " ") where !word.contains("=") {
                #expect(error("\(verb) \(word)")?.problem.isAboutMissingWords ?? true)
            }
        }
    }

    @Test(arguments: [
        ("", ""), ("se", ""), ("set", "[NODE] KEY VALUE"), ("set ", "[NODE] KEY VALUE"),
        ("set r1 ", "KEY VALUE"), ("set pay:7 ", "VALUE"), ("set pay:7 1", ""),
        ("lag ", "[REPLICA DELAY]"), ("lag r1 ", "DELAY"),
        (
            "load 12 ",
            "[of BYTES] [every D] [as PREFIX] [reads=R] [writes=W] [users=U] [via=POLICY]"
        ),
        ("load 12 every ", "D [of BYTES] [as PREFIX] [reads=R] [writes=W] [users=U] [via=POLICY]"),
        ("tail port=9 count=2 ", "[host=H] [user=U] [from=LSN] [slot=S]"),
        ("crash ", "NODE [wire=deliver] [disk=...] [after=...]"),
        ("crash p wire=drop after=ack ", "[disk=...]"),
        ("status ", ""), ("pro ", "[REPLICA] [--dry-run]"), ("nonsense ", ""),
        ("set a 1; get ", "[NODE] KEY [--disk]"), ("set a # ", ""),
        ("wal ", "[NODE] [RANGE] [--raw] [--stats]"), ("wal --raw ", "[NODE] [RANGE] [--stats]"),
        ("disk ", "NODE full|room MB|eio|ok"), ("disk p ", "full|room MB|eio|ok"),
        ("disk p full ", ""),
        ("damage p ", "torn|wal LSN|page N BYTE"), ("damage p wal ", "LSN"),
        ("damage p page ", "N BYTE"), ("damage p page 0 ", "BYTE"), ("damage p torn ", ""),
        ("config ", "[NAME [VALUE]]"), ("config timeout ", "[VALUE]"), ("page ", "[NODE] N"),
        ("page r1 ", "N"), ("page 0 ", ""), ("diff p ", "OTHER [--keys]"),
    ])
    func `the hint shows the arguments still to come`(_ line: String, _ hint: String) {
        #expect(Hint.forLine(line, table: language.table, context: .prompt) == hint)
    }
}

extension CommandProblem {
    fileprivate var isAboutMissingWords: Bool {
        if case .missingArgument = self { return true }
        if case .nodeReadAsTarget = self { return true }
        return false
    }
}
