import WALFormat
import WireProtocol

extension Relation {
    /// `pg_stat_replication`: one row for each WAL sender, oldest first.
    static func statReplication(as alias: String) -> Relation {
        Relation(
            alias: alias,
            columns: [
                ("pid", .int4), ("usesysid", .oid), ("usename", .name),
                ("application_name", .text), ("client_addr", .inet), ("client_hostname", .text),
                ("client_port", .int4), ("backend_start", .timestamptz), ("backend_xmin", .xid),
                ("state", .text), ("sent_lsn", .lsn), ("write_lsn", .lsn), ("flush_lsn", .lsn),
                ("replay_lsn", .lsn), ("write_lag", .interval), ("flush_lag", .interval),
                ("replay_lag", .interval), ("sync_priority", .int4), ("sync_state", .text),
                ("reply_time", .timestamptz),
            ],
            rows: { context, _ in context.host.walSenderStatistics.map(\.row) })
    }
}

extension WALSenderStatistics {
    /// Its row in `pg_stat_replication`.
    fileprivate var row: [SQLDatum] {
        let positions = [sent, reported?.write, reported?.flush, reported?.apply]
        let lags = [writeLag, flushLag, replayLag]
        let client: [SQLDatum] = [
            .integer(Int64(processID)), .integer(Self.bootstrapUser), .text(user),
            .text(applicationName), .text("127.0.0.1"), .null, .integer(Int64(clientPort)),
            .timestamp(startedAt), SQLDatum(xmin.map { Int($0.rawValue) }), .text(state),
        ]
        return client + positions.map { SQLDatum($0 == .invalid ? nil : $0) }
            + lags.map { $0.map { .interval(SQLInterval(microseconds: $0)) } ?? .null }
            + [.integer(0), .text("async"), SQLDatum(reported?.sentAt)]
    }

    /// PostgreSQL: `BOOTSTRAP_SUPERUSERID`. There are no users here to have numbers.
    private static let bootstrapUser: Int64 = 10
}
