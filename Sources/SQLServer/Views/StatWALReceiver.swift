import WALFormat
import WireProtocol

extension Relation {
    /// `pg_stat_wal_receiver`: one row while a standby is connected to its upstream, none else.
    static func statWALReceiver(as alias: String) -> Relation {
        Relation(
            alias: alias,
            columns: [
                ("pid", .int4), ("status", .text), ("receive_start_lsn", .lsn),
                ("receive_start_tli", .int4), ("written_lsn", .lsn), ("flushed_lsn", .lsn),
                ("received_tli", .int4), ("last_msg_send_time", .timestamptz),
                ("last_msg_receipt_time", .timestamptz), ("latest_end_lsn", .lsn),
                ("latest_end_time", .timestamptz), ("slot_name", .text), ("sender_host", .text),
                ("sender_port", .int4), ("conninfo", .text),
            ],
            rows: { context, _ in
                let host = context.host
                return host.walReceiverStatistics.map { [$0.row(of: host.standing.name)] } ?? []
            })
    }
}

extension WALReceiverStatistics {
    /// A standby's row in `pg_stat_wal_receiver`. What the upstream's messages said last, and its
    /// port, are not kept.
    fileprivate func row(of standby: String) -> [SQLDatum] {
        let timeline = SQLDatum.integer(Int64(timeline.rawValue))
        return [
            // Numbers of processes are those of connections here, and this is the node's own.
            .integer(0), .text(status), SQLDatum(start), timeline, .lsn(written), .lsn(flushed),
            timeline, .null, .null, .null, .null, SQLDatum(slot), .text("127.0.0.1"), .null,
            .text("user=shiplog dbname=replication host=127.0.0.1 application_name=\(standby)"),
        ]
    }
}
