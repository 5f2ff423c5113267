/// The rows about who follows whom, and about the WAL that is kept for those who fall behind.
extension CommandTable {
    private static let replica = CommandParameter("REPLICA", .replica)

    static let replicas = [
        CommandSpec(
            .slots, .replicas, [],
            summary: "show what WAL is kept, and for whom",
            details: """
                A checkpoint removes the segments of the log that lie before its redo point, and a \
                replica that was away may need them. A replication slot keeps what its replica has \
                not confirmed, connected or not. One row a slot: who uses it, the first byte it \
                keeps (restart_lsn), its state, the bytes it holds back, and how many more may be \
                written before it can be lost (safe_wal_size).
                reserved: within max_wal_size. extended: more is kept for the slot's sake. \
                unreserved: the next checkpoint may remove it. lost: it is gone, and the replica \
                needs a new copy.
                Then, of each node: who makes it keep its oldest byte, and how long that can go on.
                """,
            example: "slots", seeAlso: [.slot, .checkpoint, .config, .lag], changesState: false,
            triedWords: ["retention", "pg_replication_slots", "wal_keep_size"]),
        CommandSpec(
            .slot, .replicas,
            [
                CommandParameter("ACTION", .oneOf(actions)), CommandParameter("NAME", .slot),
                CommandParameter("NODE", .node, .optional),
            ],
            summary: "make, remove or use a replication slot",
            details: """
                create: the node, or the primary, keeps its WAL from its last checkpoint on, until \
                the slot's user has confirmed it.
                use: the replica NODE streams with the slot NAME of its upstream, which then \
                follows what it has on disk (primary_slot_name). 'slot use none r1': without one.
                drop: the WAL goes at the next checkpoint. A slot that nobody uses keeps WAL until \
                the disk is full, unless max_slot_wal_keep_size says how much is enough.
                """,
            example: "slot create r1", seeAlso: [.slots, .config, .checkpoint], changesState: true,
            triedWords: ["pg_create_physical_replication_slot", "primary_slot_name", "pin"]),
        CommandSpec(
            .follow, .replicas, [replica, CommandParameter("UPSTREAM", .node)],
            summary: "let a replica stream from another node",
            details: """
                Cascading replication: a replica can be another's upstream. It passes on what it \
                has made durable itself, so the last one in a chain is behind by the way through \
                all of them, and the primary serves one replica instead of many. When the one in \
                the middle is promoted, those behind it go on with it.
                """,
            example: "follow r2 r1", seeAlso: [.status, .lag, .promote], changesState: true,
            triedWords: ["cascade", "upstream", "primary_conninfo", "repoint", "chain"]),
        CommandSpec(
            .attach, .replicas,
            [
                CommandParameter("ROLE", .oneOf([Alternative(foreignRole)])),
                CommandParameter("NAME", .free),
            ],
            summary: "let a real PostgreSQL follow the lab",
            details: """
                In a lab started with 'shiplog --postgres', which began as a cluster that \
                PostgreSQL's own initdb made: has the primary give a base backup, lays it over a \
                copy of that cluster, and starts an unmodified PostgreSQL 15 on it, at any time, \
                as one more replica behind one more link. 'status' and 'lag' show it; 'partition', \
                'lag', 'heal', 'reconnect', 'follow', 'slot use' and 'basebackup' work on it; \
                'connect' says where it listens, so that psql can read the table kv there.
                It lives in real time. Before each prompt the lab waits until it has confirmed \
                what its link has let through, for 5 s at the most, and says so if it has not. It \
                cannot be promoted here, so what it alone has counts as lost; 'lost' says that it \
                has received it.
                """,
            example: "attach standby pg", seeAlso: [.detach, .connect, .basebackup, .slot],
            changesState: true,
            triedWords: ["postgres", "postgresql", "standby", "hot_standby", "foreign"]),
        CommandSpec(
            .detach, .replicas, [CommandParameter("NAME", .free, .optional)],
            summary: "stop the real PostgreSQL and let it go",
            details: """
                Shuts the PostgreSQL down that 'attach' has started, and removes its files. \
                Leaving the lab does the same.
                """,
            example: "detach pg", seeAlso: [.attach], changesState: true),
    ]

    /// What an outside program can be attached as.
    static let foreignRole = "standby"

    private static let actions = SlotAction.allCases.map { Alternative($0.rawValue) }
}

/// What `slot` can do.
enum SlotAction: String, CaseIterable {
    case create, drop, use
}
