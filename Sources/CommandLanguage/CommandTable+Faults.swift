/// The rows that trouble the network, break nodes and fail over.
extension CommandTable {
    private static let replica = CommandParameter("REPLICA", .replica)

    static let network = [
        CommandSpec(
            .lag, .network,
            [
                CommandParameter("REPLICA", .replica, .paired),
                CommandParameter("DELAY", .duration, .paired),
            ],
            summary: "show every lag meter, or set a delay",
            details: """
                Alone it shows byte lag, commits behind and time lag of each replica: the one \
                metric you always watch. With a replica and a delay it holds back the WAL on its \
                way there; the replica's answers travel at once. Lag at the moment of a crash is \
                what is lost, the recovery point objective (RPO).
                """,
            example: "lag r1 800ms", seeAlso: [.status, .lost, .heal], changesState: true,
            triedWords: ["delay", "latency", "slow", "rpo"]),
        CommandSpec(
            .partition, .network,
            [
                replica, CommandParameter("N", .number, .assigned("after", example: "137")),
                CommandParameter(
                    "WAY", .choice, .option("way", choices: LaterCut.Way.allCases.map(\.rawValue))),
            ],
            summary: "cut a replica's link, now or later",
            details: """
                Bytes stop passing, but neither end is told: the connection stays open until a \
                timeout finds out. The primary keeps committing, since asynchronous replication \
                does not wait; the lag grows for as long as the partition lasts.
                With after=N so many more bytes come through from the upstream, be they of \
                this connection or of the next ones, and the link is cut behind the last of them, \
                in the middle of a message or of a record; with way=feedback it is the replica's \
                bytes that count. Only that way is cut. 'reconnect' then drops the connection.
                """,
            example: "partition r1", seeAlso: [.heal, .reconnect, .lag], changesState: true,
            triedWords: ["cut", "disconnect", "isolate", "unplug", "split", "block"]),
        CommandSpec(
            .heal, .network, [CommandParameter("REPLICA", .replica, .optional)],
            summary: "take the faults off a link, or off all",
            details: """
                Takes delay and partition away. What the link still held travels on; a replica \
                whose connection had timed out meanwhile connects again at its next retry.
                """,
            example: "heal r1", seeAlso: [.reconnect, .partition, .lag], changesState: true,
            triedWords: ["repair", "fix", "unpartition", "mend", "join", "unblock"]),
        CommandSpec(
            .reconnect, .network, [replica],
            summary: "heal a link and connect at once",
            details: """
                Catching up after a disconnect: the replica tells the primary the last LSN it \
                durably received, and the primary streams everything from there forward. The reply \
                says where it resumed and how many commits and bytes were shipped.
                """,
            example: "reconnect r1", seeAlso: [.heal, .lag], changesState: true,
            triedWords: ["resume", "retry", "catchup"]),
    ]

    static let failure = [
        CommandSpec(
            .crash, .failure,
            [
                CommandParameter("NODE", .node),
                CommandParameter(
                    "WIRE", .choice, .option("wire", choices: WireFate.allCases.map(\.rawValue))),
                CommandParameter(
                    "KEPT", .choice,
                    .option("disk", choices: UnsyncedFate.allCases.map(\.rawValue))),
            ],
            summary: "cut a node's power",
            details: """
                The zone goes dark: memory is gone, the disk keeps what was synced, and bytes \
                still on the node's links go with it. With wire=deliver only the node dies and \
                those bytes still arrive. In a lab started with --memory, disk= says what is left \
                of the writes that were not synced: nothing, everything, those up to some instant \
                (prefix), or some of their sectors.
                """,
            example: "crash primary", seeAlso: [.stop, .restart, .promote], changesState: true,
            triedWords: ["kill", "poweroff", "die", "fail"]),
        CommandSpec(
            .stop, .failure, [CommandParameter("NODE", .node)],
            summary: "shut a node down cleanly",
            details: """
                A clean shutdown: a primary writes a last checkpoint and waits until its connected \
                replicas have received everything, so that promoting one of them afterwards loses \
                nothing.
                """,
            example: "stop primary", seeAlso: [.crash, .restart], changesState: true,
            triedWords: ["shutdown", "halt", "down", "pause"]),
        CommandSpec(
            .restart, .failure, [CommandParameter("NODE", .node)],
            summary: "start a node from its own disk",
            details: """
                Crash recovery: the node replays its own WAL from the last checkpoint to the end. \
                It is the same redo a replica runs all day, except that the records come from its \
                disk instead of a socket.
                """,
            example: "restart p", seeAlso: [.crash, .stop, .status], changesState: true,
            triedWords: ["start", "boot", "up", "recover", "revive"]),
    ]

    static let failover = [
        CommandSpec(
            .promote, .failover, [replica],
            summary: "make a replica the primary",
            details: """
                Step 3 of the failover procedure (pg_ctl promote). The replica finishes what it \
                has received, starts a new timeline and accepts writes. The data between the old \
                primary's last streamed WAL record and its crash is gone; the loss ledger lists \
                it, record by record.
                """,
            example: "promote r1", seeAlso: [.lost, .status, .crash], changesState: true,
            triedWords: ["failover", "elect", "switchover", "takeover"]),
        CommandSpec(
            .lost, .failover, [],
            summary: "show the loss ledger again",
            details: """
                Every acknowledged commit that the new primary does not have: LSN, key, value, \
                when the client was told OK, and how far the record got. It compares what clients \
                were told with what the node really holds; the shipper's own counters are not \
                asked.
                """,
            example: "lost", seeAlso: [.promote, .lag], changesState: false,
            triedWords: ["loss", "ledger", "missing", "losses"]),
    ]
}
