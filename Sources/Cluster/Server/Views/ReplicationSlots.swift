import WireProtocol

extension NodeProcess {
    /// `pg_replication_slots`. The lab has no slots yet, so it has no rows.
    func replicationSlots(as alias: String) -> Relation {
        let columns: [(String, Column.DataType)] = [
            ("slot_name", .name), ("plugin", .name), ("slot_type", .text), ("datoid", .oid),
            ("database", .name), ("temporary", .bool), ("active", .bool), ("active_pid", .int4),
            ("xmin", .xid), ("catalog_xmin", .xid), ("restart_lsn", .lsn),
            ("confirmed_flush_lsn", .lsn), ("wal_status", .text), ("safe_wal_size", .int8),
            ("two_phase", .bool),
        ]
        return Relation(
            alias: alias, columns: columns.map(Relation.Attribute.init), rows: { _ in [] })
    }
}
