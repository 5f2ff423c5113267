import Cluster
import DatabaseNode
import Testing
import WALFormat
import WireProtocol

/// What monitoring asks: positions, lag, and the replication views.
struct ServerFunctionTests {
    private func row(_ client: ServerTestClient, _ query: String) -> [String?] {
        let rows = client.query(query).compactMap { said in
            if case .row(let values) = said { values } else { nil }
        }
        #expect(rows.count == 1, "\(query)")
        return rows.first ?? []
    }

    @Test func `the chapter's lag queries show a link's delay`() throws {
        let lab = try watchedLab(LabOptions(replicas: 2))
        defer { lab.close() }
        let (primary, replica) = (try ServerTestClient(lab), try ServerTestClient(lab, "r1"))
        let timeLag = "SELECT now() - pg_last_xact_replay_timestamp()"
        let byteLag = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), pg_last_wal_replay_lsn())"
        #expect(row(replica, timeLag) == [nil])
        _ = try lab.write("a", "1", on: "p")
        #expect(row(replica, timeLag) == ["00:00:00"])
        try lab.setDelay(.milliseconds(800), of: "r1")
        _ = try lab.write("b", "2", on: "p")
        #expect(lab.wait(.milliseconds(500)))
        #expect(row(replica, timeLag) == ["00:00:00.5"])
        #expect(row(primary, timeLag) == [nil])
        #expect(row(primary, byteLag) == [nil])
        #expect(replica.query(byteLag).last { $0 != .ready("I") } == .error("55000"))
        let seconds = "SELECT EXTRACT(EPOCH FROM (now() - pg_last_xact_replay_timestamp()))"
        #expect(row(replica, seconds) == ["0.500000"])
        let position = try #require(row(primary, "SELECT pg_current_wal_lsn()")[0])
        let behind = "SELECT pg_wal_lsn_diff('\(position)', pg_last_wal_replay_lsn())"
        #expect(row(replica, behind) != ["0"])
        #expect(lab.wait(.milliseconds(500)))
        #expect(row(replica, behind) == ["0"])
        #expect(
            row(replica, "SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()")
                == [position, position])
    }

    @Test func `pg_stat_replication follows a replica's reports`() throws {
        let lab = try watchedLab(LabOptions(replicas: 2))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        try lab.setDelay(.milliseconds(800), of: "r1")
        _ = try lab.write("a", "1", on: "p")
        let query =
            "SELECT state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > 0 AS behind, "
            + "sent_lsn = pg_current_wal_lsn(), write_lag, replay_lag, sync_state, reply_time "
            + "FROM pg_stat_replication WHERE application_name = "
        let start = "2026-01-01 03:00:00+00"
        #expect(
            row(client, query + "'r2'")
                == ["streaming", "f", "t", "00:00:00", "00:00:00", "async", start])
        #expect(row(client, query + "'r1'")[1] == "t")
        #expect(lab.wait(.seconds(2)))
        #expect(
            row(client, query + "'r1'")
                == [
                    "streaming", "f", "t", "00:00:00.8", "00:00:00.8", "async",
                    "2026-01-01 03:00:00.8+00",
                ])
        #expect(row(client, "SELECT count(*) FROM pg_stat_replication") == ["2"])
        #expect(row(client, "SELECT * FROM pg_stat_replication LIMIT 1").count == 20)
        let replica = try ServerTestClient(lab, "r1")
        #expect(
            row(replica, "SELECT status, received_tli, slot_name FROM pg_stat_wal_receiver")
                == ["streaming", "1", nil])
        #expect(row(replica, "SELECT * FROM pg_stat_wal_receiver").count == 15)
        try lab.partition("r2")
        let cut = try ServerTestClient(lab, "p")
        #expect(cut.query("SELECT slot_name FROM pg_replication_slots").first == .tag("SELECT 0"))
        #expect(cut.query("SELECT * FROM pg_stat_wal_receiver").first == .tag("SELECT 0"))
        #expect(cut.query("SELECT nope FROM pg_stat_replication").first == .error("42703"))
    }

    @Test func `a switch of the log is durable when it is answered`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        _ = client.query("INSERT INTO kv VALUES ('a', '1')")
        let end = try #require(row(client, "SELECT pg_current_wal_insert_lsn()")[0])
        #expect(
            row(client, "SELECT pg_wal_lsn_diff(pg_switch_wal(), '\(end)')") == ["24"])
        #expect(
            row(client, "SELECT pg_current_wal_lsn(), pg_current_wal_flush_lsn()")
                == ["0/200000", "0/200000"])
        #expect(
            row(client, "SELECT pg_switch_wal(), pg_walfile_name('0/200000')")
                == ["0/200000", "000000010000000000000001"])
        #expect(
            row(client, "SELECT pg_walfile_name('0/200001')") == ["000000010000000000000002"])
        #expect(lab.snapshot()["p"]?.positions?.flush.description == "0/200000")
    }

    @Test(
        arguments: [
            (
                "SELECT 1 + 2 * 3, 3 - 2 - 1, 1.50 + 1, 1.5 * 1.5, -5",
                ["7", "0", "2.50", "2.25", "-5"]
            ),
            ("SELECT true AND NULL, NULL OR true, NOT false, NULL IS NULL", [nil, "t", "t", "t"]),
            (
                "SELECT '7'::int, 2.5::int, 5::text, true::text, 'on'::bool",
                ["7", "3", "5", "true", "t"]
            ),
            (
                "SELECT '0/5'::pg_lsn - '1/0', pg_wal_lsn_diff('1/0', '0/5')",
                [
                    "-4294967291", "4294967291",
                ]
            ),
            ("SELECT pg_size_pretty(10239), pg_size_pretty(12345678.0)", ["10239 bytes", "12 MB"]),
            ("SELECT current_user, current_database(), current_schema", ["me", "x", "public"]),
            (
                "SELECT current_setting('WAL_segment_size'), current_setting('nope', true)",
                ["1MB", nil]
            ),
            ("SELECT pg_is_in_recovery(), txid_current_if_assigned()", ["f", nil]),
            ("SELECT now() = clock_timestamp(), now()", ["t", "2026-01-01 03:00:00+00"]),
        ] as [(String, [String?])])
    func `an expression has PostgreSQL's value`(_ query: String, _ values: [String?]) throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        #expect(row(try ServerTestClient(lab), query) == values)
    }

    @Test(
        arguments: [
            ("SELECT foo", "42703", 8), ("SELECT 'é', nofunc(1)", "42883", 13),
            ("SELECT key - 1 FROM kv", "42883", 12), ("SELECT 1::nosuch", "42704", 11),
            ("SELECT x.key FROM kv", "42P01", 8), ("SELECT * FROM kv ORDER BY 5", "42P10", 27),
            ("SELECT * FROM nope", "42P01", 15), ("SELECT 1 +", "42601", 11),
            ("SELECT 'a'::int", "22P02", nil), ("SELECT 2147483647 + 1", "22003", nil),
            ("SELECT pg_promote()", "55000", nil), ("SELECT pg_wal_lsn_diff(1, 2)", "42883", 8),
        ] as [(String, String, Int?)])
    func `a mistake has PostgreSQL's code and place`(
        _ query: String, _ code: String, _ position: Int?
    ) throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        client.send(.query(query))
        let errors = client.messagesUntilReady().compactMap { message in
            if case .errorResponse(let error) = message { error } else { nil }
        }
        #expect(errors.map(\.code.code) == [code])
        #expect(errors.first?.position == position)
    }
}
