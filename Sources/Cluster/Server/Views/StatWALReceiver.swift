import Replication
import WALFormat
import WireProtocol

extension NodeProcess {
    /// `pg_stat_wal_receiver`: one row while a standby is connected to its upstream, none else.
    func statWALReceiver(as alias: String) -> Relation {
        let columns: [(String, Column.DataType)] = [
            ("pid", .int4), ("status", .text), ("receive_start_lsn", .lsn),
            ("receive_start_tli", .int4), ("written_lsn", .lsn), ("flushed_lsn", .lsn),
            ("received_tli", .int4), ("last_msg_send_time", .timestamptz),
            ("last_msg_receipt_time", .timestamptz), ("latest_end_lsn", .lsn),
            ("latest_end_time", .timestamptz), ("slot_name", .text), ("sender_host", .text),
            ("sender_port", .int4), ("conninfo", .text),
        ]
        return Relation(
            alias: alias, columns: columns.map(Relation.Attribute.init),
            rows: { _ in (self.standby?.statistics(name: self.name)).map { [$0] } ?? [] })
    }
}

extension Standby {
    /// Its row in `pg_stat_wal_receiver`; nil while nothing is received. What the upstream's
    /// messages said last, and its port, are not kept.
    fileprivate func statistics(name: String) -> [SQLDatum]? {
        guard let status else { return nil }
        let timeline = SQLDatum.integer(Int64(receiver.timeline.rawValue))
        return [
            // Numbers of processes are those of connections here, and this is the node's own.
            .integer(0), .text(status), SQLDatum(resumption?.lsn), timeline,
            .lsn(receiver.writeLSN), .lsn(receiver.flushLSN), timeline, .null, .null, .null, .null,
            receiver.slot.map(SQLDatum.text) ?? .null, .text("127.0.0.1"), .null,
            .text("user=shiplog dbname=replication host=127.0.0.1 application_name=\(name)"),
        ]
    }

    private var status: String? {
        switch receiver.phase {
        case .idle, .dialling, .greeting, .waiting: nil
        case .asking, .starting, .streaming: "streaming"
        case .endingTimeline, .syncing: "waiting"
        case .switching: "restarting"
        }
    }
}
