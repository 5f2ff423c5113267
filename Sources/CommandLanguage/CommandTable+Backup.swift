/// The row about base backups.
extension CommandTable {
    /// In kB a second; the least and the most that PostgreSQL takes.
    static let backupRates = 32...1_048_576

    static let backup = [
        CommandSpec(
            .basebackup, .failover,
            [
                CommandParameter("REPLICA", .replica),
                CommandParameter("NODE", .node, .keyword("from")),
                CommandParameter("KBPS", .number, .keyword("rate")),
                CommandParameter("NOWAIT", .none, .flag("--no-wait")),
            ],
            summary: "fill a replica anew",
            details: """
                For a replica that cannot catch up: it has WAL that the new primary never had, or \
                it needs WAL that is gone. The replica is stopped, its directory is emptied and \
                filled with NODE's files (pg_basebackup), while NODE takes writes: redo from the \
                backup's checkpoint on makes them fit together. Then it starts, replays to the \
                backup's end, and follows NODE, the primary unless you say otherwise.
                What the replica alone had is gone. An old primary becomes a replica so.
                rate is in kB a second of lab time. With --no-wait the backup goes on while you \
                type, as lab time passes. If it breaks off, the replica is left empty; try again.
                """,
            example: "basebackup r1 from p rate 256", seeAlso: [.diff, .reconnect, .promote],
            changesState: true,
            triedWords: ["pg_basebackup", "reseed", "clone", "resync", "rebuild", "rejoin"])
    ]
}
