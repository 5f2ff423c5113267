/// The rows that write, read and look.
extension CommandTable {
    private static let node = CommandParameter("NODE", .node, .optional)
    private static let key = CommandParameter("KEY", .key)

    static let writing = [
        CommandSpec(
            .set, .write, [node, key, CommandParameter("VALUE", .free)],
            summary: "write a key and wait for the OK",
            details: """
                The client sends COMMIT; the primary writes the commit record to its write-ahead \
                log, calls fsync, and answers COMMIT OK. That is step 3 of the chapter's seven. \
                Sending the record to the replicas comes after the OK, and nobody waits for it.
                """,
            example: "set pay:7 100", seeAlso: [.get, .load, .lost], changesState: true,
            triedWords: ["put", "insert", "update", "write", "upsert"]),
        CommandSpec(
            .get, .write, [node, key],
            summary: "read a key, also from a replica",
            details: """
                Reads from the primary unless a node is named, before the key or after it. A \
                replica answers with what its replay loop has applied so far: a write just \
                confirmed may be missing there. The chapter calls the hazard read-your-own-writes.
                """,
            example: "get r1 pay:7", seeAlso: [.set, .lag], changesState: false,
            triedWords: ["select", "read", "fetch", "query", "cat"]),
        CommandSpec(
            .delete, .write, [node, key],
            summary: "remove a key",
            details: """
                A commit like any other: its record goes into the write-ahead log and travels to \
                the replicas. The old row stays on its page, marked with the transaction that \
                removed it.
                """,
            example: "delete pay:7", seeAlso: [.set, .get], changesState: true,
            triedWords: ["del", "rm", "remove", "unset", "erase"]),
        CommandSpec(
            .load, .write,
            [
                CommandParameter("N", .number),
                CommandParameter("BYTES", .number, .keyword("of")),
                CommandParameter("D", .interval, .keyword("every")),
                CommandParameter("PREFIX", .free, .keyword("as")),
            ],
            summary: "write N keys, each its own commit",
            details: """
                Writes PREFIX:1 = 1, PREFIX:2 = 2 and on (the prefix is k unless given). With \
                'every D' one commit starts each D of lab time, and 'every 1s/15' is exactly \
                fifteen a second; without it all happen at one instant. With 'of 7000' each value \
                is padded to 7000 bytes, so that 150 of them fill a segment of the log. This is \
                the chapter's TPS: commits a second times lag is what a crash can cost.
                """,
            example: "load 12 every 66ms as pay", seeAlso: [.set, .wait, .lost], changesState: true,
            triedWords: ["fill", "generate", "seed", "bench", "pgbench"]),
    ]

    static let look = [
        CommandSpec(
            .status, .look, [],
            summary: "show every node's role and positions",
            details: """
                One row a node: role, state, timeline, and its positions in the write-ahead log \
                under PostgreSQL's names (insert, flush, write, replay), then what would \
                be lost if the primary died now.
                """,
            example: "status", seeAlso: [.lag, .wal, .lost], changesState: false,
            triedWords: ["ls", "ps", "nodes", "show", "info", "state", "cluster", "list"]),
        CommandSpec(
            .wal, .look,
            [
                node, CommandParameter("RANGE", .range, .optional),
                CommandParameter("RAW", .none, .flag("--raw")),
            ],
            summary: "list records of a node's WAL",
            details: """
                The write-ahead log is the ordered record of every physical change, addressed by \
                LSN, a byte offset into all WAL ever written. RANGE is 0/1000060 for the one \
                record that holds this position, 0/1000060.. for all from there on, ..0/1000060 \
                for all before it. Without a node it is the primary's. With --raw each record's \
                own bytes follow, 16 a line. In the file there is more: zeros up to the next \
                multiple of 8 behind a record, and every 8192 bytes a page header of 24 bytes (40 \
                at a segment's start), also in the middle of a record that runs over it; these are \
                no part of the record.
                """,
            example: "wal r1 0/1000028.. --raw", seeAlso: [.status, .page, .lag],
            changesState: false,
            triedWords: ["log", "xlog", "waldump", "pg_waldump", "records", "binlog"]),
        CommandSpec(
            .page, .look, [node, CommandParameter("N", .number)],
            summary: "show a page of a node's table",
            details: """
                The 8192 bytes of page N as the node has them in memory, or, of a node that is \
                down, in its file: the header, the line pointers, and each version of a row with \
                the transaction that made it (xmin) and the one that deleted or replaced it \
                (xmax), how these ended, and where the next version is (ctid). The page's LSN is \
                the end of the last record that changed it: a page may go to disk when the log is \
                there up to this point.
                """,
            example: "page r1 0", seeAlso: [.wal, .diff, .vacuum], changesState: false,
            triedWords: ["pages", "heap", "dump", "hexdump", "pageinspect"]),
        CommandSpec(
            .diff, .look,
            [CommandParameter("NODE", .node), CommandParameter("OTHER", .node)],
            summary: "compare two nodes byte by byte",
            details: """
                After the same LSN two nodes have the same bytes: the table's pages, the \
                transactions' ends in pg_xact, the log up to there. diff compares them at the last \
                LSN that both have, and names the first byte that differs.
                """,
            example: "diff p r1", seeAlso: [.page, .wal, .lag], changesState: false,
            triedWords: ["compare", "cmp", "same"]),
        CommandSpec(
            .config, .look,
            [
                CommandParameter("NAME", .setting, .optional),
                CommandParameter("VALUE", .settingValue, .further),
            ],
            summary: "show the settings, or change one",
            details: """
                Shows each setting of the lab with its value, under PostgreSQL's name if any. Some \
                can be changed while the lab runs: 'config full_page_writes off' leaves the images \
                of whole pages out of the log, and a page torn by a crash can then not be \
                repaired; 'config wal_sender_timeout 10s' and its like say how long the nodes wait \
                for each other; 'config wal_keep_size 4MB' and its like say how much WAL they \
                keep; 'config auth scram' has them ask outside programs for a password.
                """,
            example: "config", seeAlso: [.status, .checkpoint], changesState: true,
            triedWords: ["settings", "options", "conf", "parameters"]),
        CommandSpec(
            .connect, .look, [],
            summary: "print where each node listens",
            details: """
                Every node listens on its own port of 127.0.0.1 and speaks PostgreSQL's protocol, \
                so psql and pg_receivewal can connect to it as they would to a server. They take \
                a node's connection string as it is, in quotes: psql "host=127.0.0.1 port=...". \
                Any user and any database will do; after 'config auth scram' the string has the \
                password in it.
                """,
            example: "connect", seeAlso: [.status], changesState: false,
            triedWords: ["ports", "port", "address", "dsn", "psql"]),
    ]

    static let session = [
        CommandSpec(
            .wait, .session, [CommandParameter("D", .duration)],
            summary: "let lab time pass",
            details: """
                Lab time stands still between commands, so there is always time to look inside a \
                lag window. 'wait 800ms' moves it on by exactly that much; what falls due on the \
                way happens in order. It takes no real time worth mentioning.
                """,
            example: "wait 800ms", seeAlso: [.lag, .load], changesState: true,
            triedWords: ["sleep", "step", "run", "tick", "advance", "continue"]),
        CommandSpec(
            .help, .session, [CommandParameter("TOPIC", .topic, .optional)],
            summary: "explain the commands, or one of them",
            details: """
                'help promote' explains a command, 'help failover' the commands of a task, 'help \
                syntax' how commands are written. 'promote --help' does the same as 'help \
                promote'.
                """,
            example: "help promote", seeAlso: [.quit], changesState: false,
            spellings: ["?", "\\?"],
            triedWords: ["man", "commands", "\\h", ".help", ":help", ":h", "h"]),
        CommandSpec(
            .quit, .session, [],
            summary: "leave the lab",
            details: "Stops every node and ends the session, as Ctrl-D on an empty line does.",
            example: "quit", seeAlso: [.help], changesState: false,
            spellings: ["exit", "\\q", ":q", ".quit"],
            triedWords: ["bye", "logout", "q", ":wq", ".exit"]),
    ]
}
