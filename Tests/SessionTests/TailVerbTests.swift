import Cluster
import CommandLanguage
import Foundation
import Session
import Testing

/// `tail`, as a learner and as a program reads it: of the lab's own nodes, which are servers too.
struct TailVerbTests {
    private func port(_ session: Session, _ node: String) throws -> String {
        let line = session.run("connect").lines.first { $0.hasPrefix(node) }
        return try #require(line?.split(separator: " ").dropFirst(2).first.map(String.init))
    }

    @Test func `records, heading and positions stand below each other`() throws {
        try withSession { session in
            session.say("set a 1")
            let port = try port(session, "p")
            let outcome = session.run("tail port=\(port) from=0/1000A0 count=2")
            #expect(!outcome.failed)
            #expect(outcome.lines[0].hasPrefix("127.0.0.1:\(port) is PostgreSQL 15.0 (shiplog): "))
            #expect(outcome.lines[0].hasSuffix(", segments of 1MB, flushed to 0/100138"))
            #expect(
                Array(outcome.lines.dropFirst()) == [
                    "lsn           rmgr             length         xid  blocks",
                    "0/1000A0      Generic             109           3  "
                        + "rel 1663/5/16384 blk 0 FPW",
                    "0/100110      Transaction          34           3",
                    "read to 0/100138, received to 0/100138, server flushed to 0/100138: 2 records,"
                        + " 312 bytes in 1 message",
                ])
        }
    }

    @Test func `in JSON each record is an object with the names of wal`() throws {
        try withSession { session in
            session.say("set a 1")
            let port = try port(session, "r1")
            let lines = session.run("tail port=\(port) from=0/1000A0 count=2 --json").lines
            let objects = try lines.map {
                try #require(
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(objects.count == 4)
            let server = try #require(objects[0]["server"] as? [String: Any])
            #expect(
                Set(server.keys) == [
                    "host", "port", "version", "system_identifier", "timeline", "segment_bytes",
                    "flush_lsn", "from_lsn",
                ])
            #expect(
                Set(objects[1].keys) == [
                    "lsn", "end", "length", "xid", "rmgr", "timeline", "blocks",
                ])
            let block = try #require((objects[1]["blocks"] as? [[String: Any]])?.first)
            #expect(
                Set(block.keys) == [
                    "tablespace", "database", "relfilenode", "fork", "block", "fpw",
                ])
            let positions = try #require(objects[3]["positions"] as? [String: Any])
            #expect(
                Set(positions.keys) == [
                    "read_lsn", "received_lsn", "server_flush_lsn", "records", "bytes", "messages",
                ])
        }
    }

    @Test func `where nobody can press Ctrl-C it must have a count`() throws {
        try withSession { session in
            let outcome = session.run("tail port=5")
            #expect(
                outcome.lines == [
                    "error: tail without a count goes on until Ctrl-C, which nobody can press here",
                    "try: tail host=127.0.0.1 port=5 count=10",
                ])
        }
    }

    @Test func `whoever listens hears lines at once, in order, and may have enough`() throws {
        try withSession { session in
            session.say("set a 1")
            let port = try port(session, "p")
            var heard: [String] = []
            let outcome = session.run("get a; tail port=\(port) from=0/1000A0; get a") { lines in
                heard += lines
                return !lines.contains { $0.contains("Transaction") }
            }
            #expect(heard.first == "1")
            #expect(heard.filter { $0.contains("Transaction") }.count == 1)
            #expect(heard.last?.hasPrefix("read to 0/100138") == true)
            #expect(outcome.lines == ["1"])
        }
    }

    @Test(arguments: [
        ("tail port=1 count=1", "error: nobody listens on 127.0.0.1:1"),
        ("tail host=name.invalid count=1", "error: no address is known for the host name.invalid"),
    ])
    func `a server that is not reached is one line, and advice another`(
        _ line: String, _ error: String
    ) throws {
        try withSession { session in
            let outcome = session.run(line)
            #expect(outcome.failed && outcome.lines.count == 2)
            #expect(outcome.lines[0] == error)
            #expect(outcome.lines[1].hasPrefix("try: "))
        }
    }

    @Test func `a place that is not there, and one that is gone, have advice of their own`() throws
    {
        try withSession { session in
            let port = try port(session, "p")
            let tail = "tail host=127.0.0.1 port=\(port)"
            #expect(
                session.run("\(tail) from=1/0 count=1").lines == [
                    "error: 1/0 is ahead of the log of 127.0.0.1:\(port), which ends at 0/1000A0",
                    "try: \(tail) from=0/1000A0",
                ])
            let gone = session.run("\(tail) from=0/28 count=1").lines
            #expect(gone.contains { $0.contains("000000010000000000000000 has already been") })
            #expect(gone.last?.hasPrefix("try: \(tail), to begin at the log's end") == true)
        }
    }
}
