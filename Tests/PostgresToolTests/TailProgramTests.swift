import Cluster
import Foundation
import Replication
import Testing
import WALFormat
import WireProtocol

/// `tail` of a real PostgreSQL server, against `pg_waldump` of its files.
@Suite(
    .enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"),
    .serialized)
struct TailProgramTests {
    /// A record as both sides tell of it.
    fileprivate struct Line: Hashable {
        var lsn: LSN
        var manager: String
        var byteCount: Int
        var xid: UInt32
        var blocks: [String]
    }

    private func tail(
        _ lab: Lab, _ server: RealServer, from start: LSN? = nil, slot: String? = nil,
        count: Int? = nil, told: ([LogTail.News]) -> Bool = { _ in true }
    ) throws -> [LogTail.News] {
        var all: [LogTail.News] = []
        let request = LogTail.Request(
            host: "127.0.0.1", port: server.port, user: "postgres", start: start, slot: slot,
            count: count)
        _ = try lab.tail(request) { news in
            all += news
            return told(news)
        }
        return all
    }

    private func position(_ server: RealServer, _ function: String) throws -> LSN {
        try #require(LSN(try server.sql("SELECT \(function)()").first ?? ""))
    }

    private func dumped(_ server: RealServer, from start: LSN, to end: LSN) throws -> [Line] {
        let outcome = try PostgresTools.run(
            "pg_waldump",
            ["--path", server.directory + "/pg_wal", "--start", "\(start)", "--end", "\(end)"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try outcome.lines.map { try #require(Line(dumped: String($0))) }
    }

    @Test(arguments: zip([1, 16, 64], [false, true, false]))
    func `every record is the one that pg_waldump finds`(size: Int, isCompressed: Bool) throws {
        let server = try RealServer(
            segmentMebibytes: size,
            settings: isCompressed ? ["wal_compression=pglz"] : ["wal_level=logical"])
        defer { server.stop() }
        let lab = try Lab(LabOptions(replicas: 0))
        defer { lab.close() }
        let start = try position(server, "pg_current_wal_lsn")
        try server.sql(
            "CREATE TABLE t(a int PRIMARY KEY, b text)",
            "INSERT INTO t SELECT i, repeat('x', i % 2000) FROM generate_series(1, 3000) i",
            "CHECKPOINT", "UPDATE t SET b = b || 'y' WHERE a % 3 = 0",
            "CREATE INDEX ON t USING gin (to_tsvector('simple', b))", "VACUUM t",
            "SELECT pg_logical_emit_message(false, 'm', repeat('z', 300000))",
            "SELECT pg_switch_wal()", "DELETE FROM t WHERE a < 100", "CHECKPOINT")
        let end = try position(server, "pg_current_wal_lsn")
        let expected = try dumped(server, from: start, to: end)
        let news = try tail(lab, server, from: start, count: expected.count)
        let found = news.compactMap { Line($0) }
        #expect(found.count > 3_000)
        #expect(found.count == expected.count)
        for (mine, its) in zip(found, expected) where mine != its {
            Issue.record("tail has \(mine), pg_waldump has \(its)")
            break
        }
        #expect(Set(found.map(\.manager)).count > 7)
        #expect(found.contains { $0.blocks.contains { $0.hasSuffix(" FPW") } })
        #expect(found.contains { $0.blocks.contains { $0.contains(" fork ") } })
    }

    @Test func `the server sees a replica whose positions move`() throws {
        let server = try RealServer()
        defer { server.stop() }
        let lab = try Lab(LabOptions(replicas: 0))
        defer { lab.close() }
        try server.sql("SELECT pg_create_physical_replication_slot('s', true)")
        let written = """
            SELECT application_name, state, write_lsn = flush_lsn, flush_lsn = replay_lsn,
            sync_state FROM pg_stat_replication
            """
        var rows: [String] = []
        _ = try tail(lab, server, slot: "s") { news in
            guard news.contains(where: { Line($0)?.manager == "LogicalMessage" }) else {
                if rows.isEmpty {
                    rows = (try? server.sql(written)) ?? []
                    _ = try? server.sql("SELECT pg_logical_emit_message(true, 'm', 'x')")
                }
                return true
            }
            return false
        }
        #expect(rows.count == 1)
        #expect(rows.first?.hasPrefix("shiplog|") == true)
        // Its walsender goes when it has seen the goodbye, a moment after that was said.
        let count = "SELECT count(*) FROM pg_stat_replication"
        #expect(try (0..<1_000).contains { _ in try server.sql(count) == ["0"] })
        let restart = try #require(
            LSN(try server.sql("SELECT restart_lsn FROM pg_replication_slots")[0]))
        let flushed = try position(server, "pg_current_wal_flush_lsn")
        #expect(restart > LSN(0x100_0000) && restart <= flushed)
    }

    @Test func `its refusals are passed on as they are`() throws {
        let server = try RealServer(settings: ["wal_level=minimal", "max_wal_senders=0"])
        defer { server.stop() }
        let lab = try Lab(LabOptions(replicas: 0))
        defer { lab.close() }
        do throws(LogTail.Failure) {
            let request = LogTail.Request(host: "127.0.0.1", port: server.port, user: "postgres")
            _ = try lab.tail(request) { _ in true }
            Issue.record("a server without WAL senders is read")
        } catch {
            guard case .unfit(UpstreamSurvey.Failure.refused(let refusal)) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(refusal.code.description == "53300")
            #expect(refusal.message.contains("max_wal_senders"))
        }
    }

    @Test func `a server that is stopped has sent all of its log`() throws {
        let server = try RealServer()
        defer { server.stop() }
        let lab = try Lab(LabOptions(replicas: 0))
        defer { lab.close() }
        var ended: LogTail.Failure?
        var isStopping = false
        do throws(LogTail.Failure) {
            let request = LogTail.Request(host: "127.0.0.1", port: server.port, user: "postgres")
            _ = try lab.tail(request) { news in
                for item in news {
                    switch item {
                    case .server:
                        _ = try? server.sql("SELECT pg_logical_emit_message(true, 'm', 'x')")
                    // Only a stream that has begun is sent everything.
                    case .record where !isStopping:
                        isStopping = true
                        try? server.control("stop")
                    case .record, .timeline, .positions: break
                    }
                }
                return true
            }
        } catch { ended = error }
        // The checkpoint of the shutdown is its last record.
        guard case .stopped(let end)? = ended else {
            Issue.record("\(String(describing: ended))")
            return
        }
        try server.control("start")
        try server.sql("SELECT pg_logical_emit_message(true, 'm', 'x')")
        let news = try tail(lab, server, from: end, count: 1)
        #expect(news.compactMap { Line($0)?.lsn } == [end])
    }
}

extension TailProgramTests.Line {
    /// `rmgr: Heap  len (rec/tot): 54/ 7290, tx: 735, lsn: 0/01500028, prev …, desc: …, blkref #0:
    /// rel 1663/5/16384 fork vm blk 0 FPW`
    fileprivate init?(dumped line: String) {
        func value(_ name: String) -> Substring? {
            guard let start = line.range(of: name)?.upperBound else { return nil }
            return line[start...].drop { $0 == " " }.prefix { $0 != "," && $0 != " " }
        }
        let sizes = line.split(separator: "/").dropFirst(2).first.map { $0.drop { $0 == " " } }
        guard let manager = value("rmgr: "), let xid = value(", tx: ").flatMap({ UInt32($0) }),
            let lsn = value(", lsn: ").flatMap({ LSN($0) }),
            let total = sizes.flatMap({ Int($0.prefix { $0.isNumber }) })
        else { return nil }
        let blocks = line.components(separatedBy: ", blkref #").dropFirst().map {
            String($0.drop { $0 != ":" }.dropFirst(2))
        }
        self.init(
            lsn: lsn, manager: String(manager), byteCount: total, xid: xid, blocks: Array(blocks))
    }

    fileprivate init?(_ news: LogTail.News) {
        guard case .record(let record) = news else { return nil }
        let forks = ["main", "fsm", "vm", "init"]
        self.init(
            lsn: record.start, manager: ResourceManager.name(for: record.resourceManager),
            byteCount: record.byteCount, xid: record.xid.rawValue,
            blocks: record.blocks.map { block in
                let relation = block.relation
                return "rel \(relation.tablespace)/\(relation.database)/\(relation.relfilenode)"
                    + (block.fork == 0 ? "" : " fork \(forks[Int(block.fork)])")
                    + " blk \(block.block)" + (block.image == .full ? " FPW" : "")
            })
    }
}
