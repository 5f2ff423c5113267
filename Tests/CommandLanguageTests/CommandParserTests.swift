import CommandLanguage
import Testing
import WALFormat

struct CommandParserTests {
    private static let r1 = NodeReference.named("r1")
    private static let commands: [(String, Command)] = [
        ("set pay:7 100", .set(node: nil, key: "pay:7", value: "100")),
        ("set r1 k v", .set(node: r1, key: "k", value: "v")),
        ("set primary k v", .set(node: .primary, key: "k", value: "v")),
        ("set k ''", .set(node: nil, key: "k", value: "")),
        ("get pay:7", .get(node: nil, key: "pay:7")),
        ("get r1 pay:7", .get(node: r1, key: "pay:7")),
        ("get pay:7 r1", .get(node: r1, key: "pay:7")),
        ("get 'r1'", .get(node: nil, key: "r1")),
        ("get r1 r2", .get(node: r1, key: "r2")),
        ("delete pay:7", .delete(node: nil, key: "pay:7")),
        ("delete p 'a b'", .delete(node: .named("p"), key: "a b")),
        ("load 10000", .load(count: 10_000, every: nil, prefix: "k")),
        (
            "load 12 every 66ms as pay",
            .load(count: 12, every: LabInterval(nanoseconds: 66_000_000), prefix: "pay")
        ),
        (
            "load 45 as pay every 1s/15",
            .load(
                count: 45, every: LabInterval(nanoseconds: 1_000_000_000, divisor: 15),
                prefix: "pay")
        ),
        ("begin", .begin(node: nil)),
        ("begin r1", .begin(node: r1)),
        ("commit", .commit),
        ("rollback", .rollback),
        ("status", .status),
        ("wal", .wal(node: nil, range: nil)),
        ("wal --raw", .wal(node: nil, range: nil, raw: true)),
        ("wal --raw r1 0/20", .wal(node: r1, range: .record(at: LSN(0x20)), raw: true)),
        ("wal r1", .wal(node: r1, range: nil)),
        ("wal 0/1000060", .wal(node: nil, range: .record(at: LSN(0x100_0060)))),
        ("wal r1 0/10..", .wal(node: r1, range: .records(from: LSN(0x10), upTo: nil))),
        ("wal ..0/20", .wal(node: nil, range: .records(from: nil, upTo: LSN(0x20)))),
        ("wal 0/10..0/20", .wal(node: nil, range: .records(from: LSN(0x10), upTo: LSN(0x20)))),
        ("lag", .lag),
        ("lag r1 800ms", .lagSet(node: r1, delay: LabDuration(milliseconds: 800))),
        ("lag r1 0", .lagSet(node: r1, delay: .zero)),
        ("partition r1", .partition(node: r1)),
        ("heal", .heal(node: nil)),
        ("heal r1", .heal(node: r1)),
        ("reconnect r1", .reconnect(node: r1)),
        ("crash primary", .crash(node: .primary, wire: .drop, disk: nil)),
        ("crash wire=deliver p", .crash(node: .named("p"), wire: .deliver, disk: nil)),
        ("crash p disk=sectors", .crash(node: .named("p"), wire: .drop, disk: .sectors)),
        ("stop p", .stop(node: .named("p"))),
        ("restart 'p'", .restart(node: .named("p"))),
        ("checkpoint", .checkpoint(node: nil)),
        ("checkpoint r1", .checkpoint(node: r1)),
        ("vacuum", .vacuum(node: nil)),
        ("vacuum primary", .vacuum(node: .primary)),
        ("disk p full", .disk(node: .named("p"), .full)),
        ("disk primary eio", .disk(node: .primary, .eio)),
        ("disk r1 ok", .disk(node: r1, .ok)),
        ("damage p torn", .damage(node: .named("p"), .torn)),
        ("damage r1 wal 0/1000060", .damage(node: r1, .wal(at: LSN(0x100_0060)))),
        ("damage p page 0 8191", .damage(node: .named("p"), .page(block: 0, offset: 8191))),
        ("page 0", .page(node: nil, block: 0)),
        ("page r1 17", .page(node: r1, block: 17)),
        ("page 17 r1", .page(node: r1, block: 17)),
        ("diff p r1", .diff(.named("p"), r1)),
        ("diff r1 primary", .diff(r1, .primary)),
        ("promote r1", .promote(node: r1)),
        ("lost", .lost),
        ("wait 1.5s", .wait(LabDuration(milliseconds: 1500))),
        ("config", .config(name: nil)),
        ("config timeout", .config(name: "timeout")),
        ("config timeout 5s", .configSet(name: "timeout", value: "5s")),
        ("connect", .connect),
        ("tail", .tail(TailRequest())),
        ("tail count=10 port=5433", .tail(tailed { ($0.port, $0.count) = (5433, 10) })),
        (
            "tail host=db.example user=me from=0/1000060 slot=s",
            .tail(
                tailed {
                    ($0.host, $0.user, $0.slot) = ("db.example", "me", "s")
                    $0.start = LSN(0x100_0060)
                })
        ),
        ("help", .help(nil)),
        ("help promote", .help(.command(.promote))),
        ("help Failover", .help(.group(.failover))),
        ("help syntax", .help(.syntax)),
        ("help --markdown", .help(.page)),
        ("promote --help", .help(.command(.promote))),
        ("promote r9 --help", .help(.command(.promote))),
        ("slots", .slots), ("slot create r1", .slotCreate(name: "r1", node: nil)),
        ("slot drop r1 r2", .slotDrop(name: "r1", node: .named("r2"))),
        ("slot use s r1", .slotUse(name: "s", node: .named("r1"))),
        ("follow r2 r1", .follow(.named("r2"), upstream: .named("r1"))),
        ("attach standby pg", .attach(name: "pg")),
        ("detach", .detach(name: nil)),
        ("detach pg", .detach(name: "pg")),
        ("basebackup r1", .basebackup(BackupRequest(replica: .named("r1")))),
        (
            "basebackup r1 from r2 rate 256 --no-wait",
            .basebackup(
                BackupRequest(
                    replica: .named("r1"), source: .named("r2"), rate: 256, waits: false))
        ),
        ("quit", .quit),
    ]

    private static func tailed(_ change: (inout TailRequest) -> Void) -> TailRequest {
        var request = TailRequest()
        change(&request)
        return request
    }

    @Test(arguments: commands)
    func `a line becomes its typed command`(_ line: String, _ expected: Command) throws {
        #expect(try command(line) == expected)
    }

    @Test func `every verb is among the lines tested`() {
        #expect(Set(Self.commands.map(\.1.verb)) == Set(Verb.allCases))
    }

    @Test(arguments: CommandTable.standard.specs)
    func `every example in the table parses to its own verb`(_ spec: CommandSpec) throws {
        #expect(try command(spec.example)?.verb == spec.verb)
    }

    @Test func `the table has exactly one row for each verb, in the order of the verbs' task`() {
        let verbs = CommandTable.standard.specs.map(\.verb)
        #expect(verbs.count == Verb.allCases.count)
        #expect(Set(verbs) == Set(Verb.allCases))
        let spellings = CommandTable.standard.specs.flatMap { [$0.name] + $0.spellings }
        #expect(Set(spellings).count == spellings.count)
    }

    @Test(arguments: [
        ("?", Command.help(nil)), ("\\?", .help(nil)), ("? promote", .help(.command(.promote))),
        ("\\q", .quit), (":q", .quit), (".quit", .quit), ("exit", .quit), ("EXIT", .quit),
        ("STATUS", .status), ("Promote r1", .promote(node: r1)),
    ])
    func `verbs have their terminal spellings and no letter case`(
        _ line: String, _ expected: Command
    ) throws {
        #expect(try command(line) == expected)
    }

    @Test func `a unique beginning of a verb will do at a prompt and never in a file`() throws {
        #expect(try command("pro r1", .prompt) == .promote(node: Self.r1))
        #expect(error("pro r1")?.failure == Failure("unknown command 'pro'", advice: "promote"))
        #expect(
            error("re r1", .prompt)?.failure
                == Failure(
                    "'re' could be reconnect or restart", advice: "reconnect or restart"))
        #expect(try command("set a b", .prompt) == .set(node: nil, key: "a", value: "b"))
    }

    @Test func `semicolons and line ends separate commands, comments end at the line's end`() throws
    {
        let line = " set a 1 ; ;get a # look; not this\r\nstatus --json;"
        let parsed = try CommandParser(context: .lab).parse(line)
        #expect(
            parsed.map(\.command) == [
                .set(node: nil, key: "a", value: "1"), .get(node: nil, key: "a"), .status,
            ])
        #expect(parsed.map(\.text) == ["set a 1", "get a", "status --json"])
        #expect(parsed.map(\.wantsJSON) == [false, false, true])
    }

    @Test(arguments: ["", "  \t", "# nothing", ";;;", "\n\n"])
    func `a line without a command is no command and no error`(_ line: String) throws {
        #expect(try CommandParser(context: .lab).parse(line).isEmpty)
    }

    @Test func `a mistake anywhere keeps the whole line from running`() {
        #expect(error("set a 1; promte r1")?.column == 9)
    }

    @Test func `quotes keep spaces, hashes and semicolons, and make words of node names`() throws {
        #expect(
            try command(#"set 'a # b' "c; \"d\" \n""#)
                == .set(node: nil, key: "a # b", value: #"c; "d" \n"#))
        #expect(try command(#"set a\ b it\'s"#) == .set(node: nil, key: "a b", value: "it's"))
        #expect(try command("set a#b 'x'y\"z\"") == .set(node: nil, key: "a#b", value: "xyz"))
        #expect(try command("set 'p' 1") == .set(node: nil, key: "p", value: "1"))
        #expect(try command("set k '--json'") == .set(node: nil, key: "k", value: "--json"))
    }

    @Test func `options and flags may stand anywhere behind the verb`() throws {
        let parsed = try CommandParser(context: .lab).parse("set --json k v")
        #expect(parsed.first?.wantsJSON == true)
        #expect(parsed.first?.command == .set(node: nil, key: "k", value: "v"))
    }
}
