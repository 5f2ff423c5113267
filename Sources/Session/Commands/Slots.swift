internal import Cluster
internal import CommandLanguage
internal import JSON

/// `slots`: the replication slots, and what WAL each node keeps, for whom, and how long.
struct SlotsCommand: LabCommand {
    static let spec = CommandSpec(
        "slots", .replicas, [],
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
        example: "slots", seeAlso: ["slot", "checkpoint", "config", "lag"], changesState: false,
        triedWords: ["retention", "pg_replication_slots", "wal_keep_size"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let table = SlotsTable(context.lab.retention(), in: context.look().snapshot)
        return Reply(
            lines: context.events() + table.lines, json: [["nodes": .array(table.json)]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension SlotsCommand {
    init(_ arguments: BoundArguments) {}
}
