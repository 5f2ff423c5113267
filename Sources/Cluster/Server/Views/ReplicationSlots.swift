import Replication
import WALFormat
import WireProtocol

extension NodeProcess {
    /// `pg_replication_slots`: one row for each slot, by name. All are physical.
    func replicationSlots(as alias: String) -> Relation {
        let columns: [(String, Column.DataType)] = [
            ("slot_name", .name), ("plugin", .name), ("slot_type", .text), ("datoid", .oid),
            ("database", .name), ("temporary", .bool), ("active", .bool), ("active_pid", .int4),
            ("xmin", .xid), ("catalog_xmin", .xid), ("restart_lsn", .lsn),
            ("confirmed_flush_lsn", .lsn), ("wal_status", .text), ("safe_wal_size", .int8),
            ("two_phase", .bool),
        ]
        return Relation(
            alias: alias, columns: columns.map(Relation.Attribute.init),
            rows: { _ in self.retention.forecast.slots.map(\.row) })
    }
}

extension Retention.SlotForecast {
    /// Its row in `pg_replication_slots`.
    fileprivate var row: [SQLDatum] {
        let activePID = slot.owner.map { SQLDatum.integer(Int64($0)) } ?? .null
        return [
            .text(slot.name), .null, .text("physical"), .null, .null, .bool(slot.isTemporary),
            .bool(slot.owner != nil), activePID, .null, .null, SQLDatum(slot.restartLSN), .null,
            status.map { .text($0.rawValue) } ?? .null,
            safeByteCount.map { .integer(Int64($0)) } ?? .null, .bool(false),
        ]
    }
}
