import Cluster
import CommandLanguage
import DatabaseNode
import Storage
import Testing
import WALFormat

@testable import Session

struct CommandParserTests {
    private static let r1 = NodeReference.named("r1")
    private static let commands: [(String, any Command)] = [
        ("set pay:7 100", SetCommand(node: nil, key: "pay:7", value: "100")),
        ("set r1 k v", SetCommand(node: r1, key: "k", value: "v")),
        ("set primary k v", SetCommand(node: .primary, key: "k", value: "v")),
        ("set k ''", SetCommand(node: nil, key: "k", value: "")),
        ("get pay:7", GetCommand(node: nil, key: "pay:7")),
        ("get r1 pay:7", GetCommand(node: r1, key: "pay:7")),
        ("get pay:7 r1", GetCommand(node: r1, key: "pay:7")),
        ("get r1 pay:7 --disk", GetCommand(node: r1, key: "pay:7", readsDisk: true)),
        ("get 'r1'", GetCommand(node: nil, key: "r1")),
        ("get r1 r2", GetCommand(node: r1, key: "r2")),
        ("delete pay:7", DeleteCommand(node: nil, rows: .key("pay:7"))),
        ("delete p 'a b'", DeleteCommand(node: .named("p"), rows: .key("a b"))),
        ("load 10000", LoadCommand(count: 10_000, interval: nil, prefix: "k", byteCount: nil)),
        (
            "load 12 every 66ms as pay",
            LoadCommand(
                count: 12, interval: LabInterval(nanoseconds: 66_000_000), prefix: "pay",
                byteCount: nil)
        ),
        (
            "load 45 as pay every 1s/15",
            LoadCommand(
                count: 45, interval: LabInterval(nanoseconds: 1_000_000_000, divisor: 15),
                prefix: "pay", byteCount: nil)
        ),
        (
            "load reads=60 writes=12 every=66ms via=any,token:1s,r1",
            LoadCommand(
                count: 12, interval: LabInterval(nanoseconds: 66_000_000), prefix: "k",
                byteCount: nil,
                mix: LoadMix(
                    reads: 60, users: 10,
                    policies: [.any, .token(wait: .seconds(1)), .node("r1")]))
        ),
        ("read", ReadCommand(wish: .counts)),
        ("read pay:7", ReadCommand(wish: .key("pay:7", .any, .writer))),
        (
            "read pay:7 via=sticky:2s by=other",
            ReadCommand(wish: .key("pay:7", .sticky(.seconds(2)), .other))
        ),
        ("begin", BeginCommand(node: nil)),
        ("begin r1", BeginCommand(node: r1)),
        ("commit", CommitCommand()),
        ("rollback", RollbackCommand()),
        ("status", StatusCommand()),
        ("wal", WALCommand(node: nil, range: nil)),
        ("wal --raw", WALCommand(node: nil, range: nil, isRaw: true)),
        ("wal --raw r1 0/20", WALCommand(node: r1, range: .record(at: LSN(0x20)), isRaw: true)),
        ("wal r1", WALCommand(node: r1, range: nil)),
        ("wal 0/1000060", WALCommand(node: nil, range: .record(at: LSN(0x100_0060)))),
        ("wal r1 0/10..", WALCommand(node: r1, range: .records(from: LSN(0x10), upTo: nil))),
        ("wal ..0/20", WALCommand(node: nil, range: .records(from: nil, upTo: LSN(0x20)))),
        (
            "wal 0/10..0/20",
            WALCommand(node: nil, range: .records(from: LSN(0x10), upTo: LSN(0x20)))
        ),
        ("lag", LagCommand(wish: .meters)),
        ("lag r1 800ms", LagCommand(wish: .delay(of: r1, LabDuration(milliseconds: 800)))),
        ("lag r1 0", LagCommand(wish: .delay(of: r1, .zero))),
        ("partition r1", PartitionCommand(node: r1)),
        ("partition r1 after=137", PartitionCommand(node: r1, wish: .later(.init(byteCount: 137)))),
        (
            "partition r1 after=0 way=feedback",
            PartitionCommand(node: r1, wish: .later(.init(byteCount: 0, way: .feedback)))
        ),
        (
            "partition r1 for=2s every=10s",
            PartitionCommand(
                node: r1,
                wish: .outage(
                    .init(
                        lasting: LabDuration(milliseconds: 2000),
                        every: LabDuration(milliseconds: 10_000))))
        ),
        ("freeze r1", FreezeCommand(node: r1)), ("thaw r1", ThawCommand(node: r1)),
        ("link", LinkCommand(wish: .all)),
        ("link r1", LinkCommand(wish: .one(r1))),
        ("link r1 reset", LinkCommand(wish: .reset(r1))),
        ("link r1 stall way=wal", LinkCommand(wish: .set(r1, [.stall], .wal))),
        (
            "link r1 rtt=130ms bandwidth=10MB/s window=none jitter=5ms",
            LinkCommand(
                wish: .set(
                    r1,
                    [
                        .roundTrip(.milliseconds(130)), .jitter(.milliseconds(5)),
                        .bandwidth(10 << 20), .window(nil),
                    ], nil))
        ),
        ("heal", HealCommand(node: nil)),
        ("heal r1", HealCommand(node: r1)),
        ("reconnect r1", ReconnectCommand(node: r1)),
        ("crash primary", CrashCommand(node: .primary, wire: .drop, disk: nil)),
        ("crash wire=deliver p", CrashCommand(node: .named("p"), wire: .deliver, disk: nil)),
        (
            "crash primary after=ack",
            CrashCommand(node: .primary, moment: .after(.ack), wire: .drop, disk: nil)
        ),
        ("step", StepCommand(write: nil)),
        ("step a 1", StepCommand(write: .init(key: "a", value: "1"))),
        ("route", RouteCommand(kind: nil)), ("route vip", RouteCommand(kind: .vip)),
        ("route dns", RouteCommand(kind: .dns(ttl: .seconds(30)))),
        ("route dns ttl=5s", RouteCommand(kind: .dns(ttl: .seconds(5)))),
        ("clients", ClientsCommand(wish: .look)), ("clients off", ClientsCommand(wish: .end)),
        (
            "clients 20 every 500ms retry=2s",
            ClientsCommand(
                wish: .begin(
                    20, RoutedClient.Terms(interval: .milliseconds(500), retry: .seconds(2))))
        ),
        ("failover", FailoverCommand(policy: nil)),
        ("failover tuned", FailoverCommand(policy: .tuned)),
        ("monitor", MonitorCommand(wish: .look)), ("monitor off", MonitorCommand(wish: .end)),
        ("fence p", FenceCommand(node: .named("p"))),
        ("fence primary by=command", FenceCommand(node: .primary, method: .command)),
        (
            "fence p by=lease:2500ms",
            FenceCommand(node: .named("p"), method: .lease(.milliseconds(2500)))
        ),
        ("unfence p", UnfenceCommand(node: .named("p"))),
        ("crash p disk=sectors", CrashCommand(node: .named("p"), wire: .drop, disk: .sectors)),
        ("stop p", StopCommand(node: .named("p"))),
        ("restart 'p'", RestartCommand(node: .named("p"))),
        ("checkpoint", CheckpointCommand(node: nil)),
        ("checkpoint r1", CheckpointCommand(node: r1)),
        ("vacuum", VacuumCommand(node: nil)),
        ("vacuum primary", VacuumCommand(node: .primary)),
        ("topology", TopologyCommand(plan: nil)),
        ("topology three-region", TopologyCommand(plan: .threeRegion)),
        ("slow", SlowCommand(node: nil)),
        ("slow r1", SlowCommand(node: r1)),
        (
            "slow r1 apply=0.2ms fsync=5ms",
            SlowCommand(
                node: r1, apply: cost { $0.record = .microseconds(200) },
                fsync: LabDuration(milliseconds: 5))
        ),
        (
            "slow r1 apply=20ms/MB",
            SlowCommand(node: r1, apply: cost { $0.megabyte = .milliseconds(20) })
        ),
        ("disk p full", DiskCommand(node: .named("p"), fault: .full)),
        ("disk primary eio", DiskCommand(node: .primary, fault: .syncError)),
        ("disk r1 ok", DiskCommand(node: r1, fault: .none)),
        ("damage p torn", DamageCommand(node: .named("p"), damage: .tornTail)),
        ("damage r1 wal 0/1000060", DamageCommand(node: r1, damage: .walBit(at: LSN(0x100_0060)))),
        (
            "damage p page 0 8191",
            DamageCommand(node: .named("p"), damage: .pageBit(block: 0, offset: 8191))
        ),
        ("page 0", PageCommand(node: nil, block: 0)),
        ("page r1 17", PageCommand(node: r1, block: 17)),
        ("page 17 r1", PageCommand(node: r1, block: 17)),
        ("diff p r1", DiffCommand(first: .named("p"), second: r1)),
        ("diff r1 primary", DiffCommand(first: r1, second: .primary)),
        ("promote r1", PromoteCommand(node: r1)),
        ("promote --dry-run", PromoteCommand(node: nil, isDryRun: true)),
        ("promote --dry-run r1", PromoteCommand(node: r1, isDryRun: true)),
        ("lost", LostCommand()),
        ("lost --matrix", LostCommand(showsMatrix: true)),
        ("salvage p", SalvageCommand(node: .named("p"))),
        ("salvage p --apply", SalvageCommand(node: .named("p"), wish: .apply(nil))),
        ("salvage r1 skip --apply", SalvageCommand(node: r1, wish: .apply(.skip))),
        ("salvage r1 --apply overwrite", SalvageCommand(node: r1, wish: .apply(.overwrite))),
        ("wait 1.5s", WaitCommand(duration: LabDuration(milliseconds: 1500))),
        (
            "watch lag",
            WatchCommand(
                subject: .lag, lasting: nil, interval: LabDuration(milliseconds: 1000))
        ),
        (
            "watch status every=500ms for=10s",
            WatchCommand(
                subject: .status, lasting: LabDuration(milliseconds: 10_000),
                interval: LabDuration(milliseconds: 500))
        ),
        ("config", ConfigCommand(name: nil)),
        ("config timeout", ConfigCommand(name: "timeout")),
        ("config timeout 5s", ConfigCommand(name: "timeout", value: "5s")),
        ("connect", ConnectCommand()),
        ("tail", TailCommand(request: tailed())),
        (
            "tail count=10 port=5433",
            TailCommand(request: tailed { ($0.port, $0.count) = (5433, 10) })
        ),
        (
            "tail host=db.example user=me from=0/1000060 slot=s",
            TailCommand(
                request: tailed {
                    ($0.host, $0.user, $0.slot) = ("db.example", "me", "s")
                    $0.start = LSN(0x100_0060)
                })
        ),
        ("help", HelpCommand(topic: nil)),
        ("help promote", HelpCommand(topic: .command(PromoteCommand.spec))),
        ("help Fail-over", HelpCommand(topic: .group(.failover))),
        ("help syntax", HelpCommand(topic: .syntax)),
        ("help --markdown", HelpCommand(topic: .page)),
        ("promote --help", HelpCommand(topic: .command(PromoteCommand.spec))),
        ("promote r9 --help", HelpCommand(topic: .command(PromoteCommand.spec))),
        ("slots", SlotsCommand()), ("slot create r1", SlotCommand(act: .create("r1", on: nil))),
        ("slot drop r1 r2", SlotCommand(act: .drop("r1", on: .named("r2")))),
        ("slot use s r1", SlotCommand(act: .use("s", by: r1))),
        ("slot use none r1", SlotCommand(act: .use(nil, by: r1))),
        ("follow r2 r1", FollowCommand(node: .named("r2"), upstream: r1)),
        ("attach standby pg", AttachCommand(name: "pg")),
        ("detach", DetachCommand(name: nil)),
        ("detach pg", DetachCommand(name: "pg")),
        ("basebackup r1", BaseBackupCommand(replica: r1)),
        (
            "basebackup r1 from r2 rate 256 --no-wait",
            BaseBackupCommand(replica: r1, source: .named("r2"), rate: 256, waits: false)
        ),
        ("rewind p", RewindCommand(node: .named("p"))),
        (
            "rewind p from r1 --discard --dry-run",
            RewindCommand(node: .named("p"), source: r1, discards: true, changes: false)
        ),
        ("verify", VerifyCommand()),
        ("quit", QuitCommand()),
    ]

    private static func cost(_ change: (inout ReplayCost) -> Void) -> ReplayCost {
        var cost = ReplayCost.none
        change(&cost)
        return cost
    }

    private static func tailed(
        _ change: (inout LogTail.Request) -> Void = { _ in }
    ) -> LogTail.Request {
        var request = LogTail.Request(host: "127.0.0.1", port: 5432, user: "postgres")
        change(&request)
        return request
    }

    @Test(arguments: commands)
    func `a line becomes its typed command`(_ line: String, _ expected: any Command) throws {
        #expect(isSame(try #require(try command(line)), expected))
    }

    @Test func `every command is among the lines tested`() {
        let tested = Set(Self.commands.map { type(of: $0.1).spec.name })
        #expect(tested == Set(language.table.specs.map(\.name)))
    }

    @Test(arguments: language.table.specs)
    func `every example in the table parses to its own command`(_ spec: CommandSpec) throws {
        let command = try #require(try command(spec.example))
        #expect(type(of: command).spec == spec)
    }

    @Test func `no name and no spelling stands for two commands`() {
        let spellings = language.table.specs.flatMap { [$0.name] + $0.spellings }
        #expect(Set(spellings).count == spellings.count)
    }

    @Test(arguments: [
        ("?", HelpCommand(topic: nil) as any Command), ("\\?", HelpCommand(topic: nil)),
        ("? promote", HelpCommand(topic: .command(PromoteCommand.spec))),
        ("\\q", QuitCommand()), (":q", QuitCommand()), (".quit", QuitCommand()),
        ("exit", QuitCommand()), ("EXIT", QuitCommand()), ("STATUS", StatusCommand()),
        ("Promote r1", PromoteCommand(node: r1)),
    ])
    func `verbs have their terminal spellings and no letter case`(
        _ line: String, _ expected: any Command
    ) throws {
        #expect(isSame(try #require(try command(line)), expected))
    }

    @Test func `a unique beginning of a verb will do at a prompt and never in a file`() throws {
        let promote = try #require(try command("pro r1", .prompt))
        #expect(isSame(promote, PromoteCommand(node: Self.r1)))
        #expect(error("pro r1")?.failure == Failure("unknown command 'pro'", advice: "promote"))
        #expect(
            error("re r1", .prompt)?.failure
                == Failure(
                    "'re' could be read, reconnect, restart or rewind",
                    advice: "read, reconnect, restart or rewind"))
        let set = try #require(try command("set a b", .prompt))
        #expect(isSame(set, SetCommand(node: nil, key: "a", value: "b")))
    }

    @Test func `semicolons and line ends separate commands, comments end at the line's end`() throws
    {
        let line = " set a 1 ; ;get a # look; not this\r\nstatus --json;"
        let parsed = try language.commands(of: line, in: .lab)
        let expected: [any Command] = [
            SetCommand(node: nil, key: "a", value: "1"), GetCommand(node: nil, key: "a"),
            StatusCommand(),
        ]
        #expect(zip(parsed, expected).allSatisfy { isSame($0.command.command, $1) })
        #expect(parsed.map(\.text) == ["set a 1", "get a", "status --json"])
        #expect(parsed.map(\.wantsJSON) == [false, false, true])
    }

    @Test(arguments: ["", "  \t", "# nothing", ";;;", "\n\n"])
    func `a line without a command is no command and no error`(_ line: String) throws {
        #expect(try language.commands(of: line, in: .lab).isEmpty)
    }

    @Test func `a mistake anywhere keeps the whole line from running`() {
        #expect(error("set a 1; promte r1")?.column == 9)
    }

    @Test(arguments: [
        (#"set 'a # b' "c; \"d\" \n""#, "a # b", #"c; "d" \n"#),
        (#"set a\ b it\'s"#, "a b", "it's"), ("set a#b 'x'y\"z\"", "a#b", "xyz"),
        ("set 'p' 1", "p", "1"), ("set k '--json'", "k", "--json"),
    ])
    func `quotes keep spaces, hashes and semicolons, and make words of node names`(
        _ line: String, _ key: String, _ value: String
    ) throws {
        let set = try #require(try command(line))
        #expect(isSame(set, SetCommand(node: nil, key: key, value: value)))
    }

    @Test func `options and flags may stand anywhere behind the verb`() throws {
        let parsed = try #require(try language.commands(of: "set --json k v", in: .lab).first)
        #expect(parsed.wantsJSON)
        #expect(isSame(parsed.command.command, SetCommand(node: nil, key: "k", value: "v")))
    }
}
