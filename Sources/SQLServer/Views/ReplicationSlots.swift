import WALFormat
import WireProtocol

extension Relation {
    /// `pg_replication_slots`: one row for each slot, by name. All are physical.
    static func replicationSlots(as alias: String) -> Relation {
        Relation(
            alias: alias,
            columns: [
                ("slot_name", .name), ("plugin", .name), ("slot_type", .text), ("datoid", .oid),
                ("database", .name), ("temporary", .bool), ("active", .bool),
                ("active_pid", .int4), ("xmin", .xid), ("catalog_xmin", .xid),
                ("restart_lsn", .lsn), ("confirmed_flush_lsn", .lsn), ("wal_status", .text),
                ("safe_wal_size", .int8), ("two_phase", .bool),
            ],
            rows: { context, _ in context.host.slotStatistics.map(\.row) })
    }
}

extension SlotStatistics {
    /// Its row in `pg_replication_slots`.
    fileprivate var row: [SQLDatum] {
        [
            .text(name), .null, .text("physical"), .null, .null, .bool(isTemporary),
            .bool(activeProcessID != nil), SQLDatum(activeProcessID),
            SQLDatum(xmin.map { Int($0.rawValue) }), .null,
            SQLDatum(restartLSN), .null, SQLDatum(walStatus), SQLDatum(safeByteCount),
            .bool(false),
        ]
    }
}
