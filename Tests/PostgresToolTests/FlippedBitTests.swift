import Cluster
import DatabaseNode
import Foundation
import Testing
import WALFormat

/// A real PostgreSQL is sent a record with one bit wrong, once: what it does about it.
@Suite(.serialized, .enabled(if: PostgresTools.areWanted, "PostgreSQL 15 is not installed"))
struct FlippedBitTests: StandbyJudge {
    /// The lowest bit of a byte of the primary's log: set if it was not, and the reverse.
    private func flip(_ position: LSN, below folder: String) throws {
        let size = SegmentSize.oneMebibyte
        let name = SegmentName(timeline: .first, number: size.number(containing: position))
        let path = "\(folder)/p/pg_wal/\(name.fileName(size))"
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(size.offset(of: position)))
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: UInt64(size.offset(of: position)))
        try file.write(contentsOf: Data([byte ^ 1]))
    }

    /// The primary's log is wrong only while it is sent, so the bit is wrong at the standby alone.
    @Test func `replay stops before the record, and a promotion leaves it out`() throws {
        try withStandby(replicas: 0) { lab, folder in
            _ = try lab.write("a", "1", on: "p")
            try lab.partition("pg")
            // The primary gives the connection up, so it reads what follows once it is asked again.
            #expect(lab.wait(.seconds(61)))
            let first = try lab.write("b", "2", on: "p")
            _ = try lab.write("c", "3", on: "p")
            let end = try #require(lab.snapshot()["p"]?.positions).flush
            let commit = try #require(try lab.records(of: "p").first { $0.end == first.lsn })
            try flip(commit.start.advanced(by: 28), below: folder)
            // Whether it still reports what it received before it finds the record is between its
            // own processes: one of them ends the other for it.
            _ = try lab.reconnectPostgres()
            try flip(commit.start.advanced(by: 28), below: folder)
            #expect(try query("select pg_last_wal_receive_lsn()", on: lab) == "\(end)")
            #expect(try query("select pg_last_wal_replay_lsn()", on: lab) == "\(commit.start)")
            // It had the row, and not its COMMIT.
            #expect(try query("select key from kv", on: lab) == "a")
            #expect(try query("select pg_promote()", on: lab) == "t")
            #expect(try query("select pg_is_in_recovery()", on: lab) == "f")
            #expect(try query("select key from kv", on: lab) == "a")
            let history = try query("select pg_read_file('pg_wal/00000002.history')", on: lab)
            #expect(history.hasPrefix("1\t\(commit.start)\t"), "\(history)")
        }
    }
}
