import Network
import Replication
import WALFormat
import WireProtocol

extension NodeProcess {
    /// `pg_stat_replication`: one row for each WAL sender, oldest first.
    func statReplication(as alias: String) -> Relation {
        let columns: [(String, Column.DataType)] = [
            ("pid", .int4), ("usesysid", .oid), ("usename", .name), ("application_name", .text),
            ("client_addr", .inet), ("client_hostname", .text), ("client_port", .int4),
            ("backend_start", .timestamptz), ("backend_xmin", .xid), ("state", .text),
            ("sent_lsn", .lsn), ("write_lsn", .lsn), ("flush_lsn", .lsn), ("replay_lsn", .lsn),
            ("write_lag", .interval), ("flush_lag", .interval), ("replay_lag", .interval),
            ("sync_priority", .int4), ("sync_state", .text), ("reply_time", .timestamptz),
        ]
        return Relation(
            alias: alias, columns: columns.map(Relation.Attribute.init),
            rows: { _ in self.senders.compactMap { $0.statistics } })
    }
}

extension Backend {
    /// Its row in `pg_stat_replication`.
    fileprivate var statistics: [SQLDatum]? {
        guard let sender else { return nil }
        let reported = sender.reported
        let positions = [sender.sentLSN, reported?.write, reported?.flush, reported?.apply]
        let lags = SenderProgress.Step.allCases.map { progress.lags[$0] }
        let client: [SQLDatum] = [
            .integer(Int64(id)), .integer(Self.bootstrapUser), .text(user),
            .text(applicationName), .text("127.0.0.1"), .null,
            .integer(Int64(connection.peerPort)), .timestamp(progress.startedAt), .null,
            .text(sender.standing.rawValue),
        ]
        return client + positions.map { SQLDatum($0 == .invalid ? nil : $0) }
            + lags.map { $0.map(SQLDatum.interval) ?? .null }
            + [.integer(0), .text("async"), SQLDatum(reported?.sentAt)]
    }

    /// PostgreSQL: `BOOTSTRAP_SUPERUSERID`. There are no users here to have numbers.
    private static let bootstrapUser: Int64 = 10
}
