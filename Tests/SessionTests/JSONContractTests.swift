import CommandLanguage
import Foundation
import Session
import Testing

/// The names that programs may rely on.
struct JSONContractTests {
    private func object(_ line: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(value as? [String: Any])
    }

    private func names(_ objects: Any?) throws -> [Set<String>] {
        try #require(objects as? [[String: Any]]).map { Set($0.keys) }
    }

    @Test func `every command answers in JSON objects, one a line`() throws {
        let commands = [
            "set a 1", "get a", "get zz", "delete a", "delete a", "load 3 every 1ms as pay",
            "status", "wal", "wal r1 ..0/1000A0", "lag", "lag r1 800ms", "set b 2", "partition r1",
            "heal r1", "heal", "partition r1", "reconnect r1", "stop r1", "restart r1", "wait 1s",
            "config", "config fsync", "connect", "read a", "read zz via=token by=other", "read",
            "read a via=r9", "load reads=3 writes=2 every 1ms via=any,token", "wal --stats",
            "config wal_compression pglz", "config wal_compression lz4", "help", "help set",
            "crash primary", "lag",
            "damage p torn", "restart p", "begin", "set a 2", "delete a", "status", "commit",
            "begin",
            "rollback", "commit", "checkpoint", "checkpoint r1", "vacuum", "vacuum r1", "page 0",
            "page r1 0", "page 99", "diff p r1", "diff p r1 --keys", "diff p p", "wal --raw",
            "disk p full",
            "disk p ok",
            "basebackup r1", "basebackup r2 from r1 rate 64 --no-wait", "wait 1m", "basebackup p",
            "config full_page_writes off", "config fsync off", "crash p", "status",
            "promote --dry-run", "promote r1",
            "lost", "lost --matrix", "salvage p", "salvage p --apply",
            "salvage p --apply overwrite", "salvage r1", "rewind p --dry-run", "rewind p",
            "rewind p --discard", "rewind p",
            "promote p", "frobnicate", "quit",
        ]
        try withSession { session in
            for command in commands {
                let outcome = session.run(command, asJSON: true)
                #expect(!outcome.lines.isEmpty, "\(command)")
                for line in outcome.lines {
                    let members = try object(line)
                    #expect(!members.isEmpty, "\(command)")
                }
            }
        }
    }

    @Test func `status`() throws {
        try withSession { session in
            session.say("set a 1", "crash r2")
            let status = try object(session.run("status --json").lines[0])
            #expect(status["time"] as? String == "03:00:00.000")
            let nodes = try #require(status["nodes"] as? [[String: Any]])
            let wanted: Set = [
                "name", "role", "state", "timeline", "insert_lsn", "flush_lsn", "write_lsn",
                "replay_lsn", "commits",
            ]
            #expect(nodes.allSatisfy { wanted.isSubset(of: $0.keys) })
            #expect(nodes.map { $0["name"] as? String } == ["p", "r1", "r2"])
            #expect(nodes.map { $0["role"] as? String } == ["primary", "replica", "replica"])
            #expect(nodes.map { $0["state"] as? String } == ["up", "up", "crashed"])
            #expect(nodes[0]["insert_lsn"] as? String == "0/100138")
            #expect(nodes[1]["commits"] as? Int == 1)
            #expect(nodes[2]["flush_lsn"] is NSNull)
        }
    }

    @Test func `lag`() throws {
        try withSession { session in
            session.say("lag r1 800ms", "load 45 every 1s/15")
            let lag = try object(session.run("lag --json").lines[0])
            let replicas = try #require(lag["replicas"] as? [[String: Any]])
            #expect(replicas[0]["name"] as? String == "r1")
            #expect(replicas[0]["byte_lag"] as? Int == 1536)
            #expect(replicas[0]["commits_behind"] as? Int == 12)
            #expect(replicas[0]["replay_time_lag_ms"] as? Double == 800)
            // The oldest of the 12 was made 11 intervals ago.
            #expect(replicas[0]["time_lag_ms"] as? Double == 733.333)
            #expect(replicas[0]["sent_lag"] as? Int == 0)
            #expect(replicas[0]["replay_lag"] as? Int == 1536)
            #expect(replicas[1]["time_lag_ms"] as? Double == 0)
        }
    }

    @Test func `promote and lost`() throws {
        try withSession { session in
            session.say("partition r1; partition r2", "set a 'x\ty'", "delete a", "crash p")
            let promotion = try object(session.run("promote r1 --json").lines[0])
            let loss = try object(session.run("lost --json").lines[0])
            #expect(promotion["node"] as? String == "r1")
            #expect(promotion["timeline"] as? Int == 2)
            #expect(promotion["fork"] as? String == "0/1000A0")
            #expect(promotion["count"] as? Int == 2)
            #expect(loss["count"] as? Int == 2)
            let wanted: Set = ["lsn", "key", "value", "acked_at", "reached"]
            #expect(try names(loss["records"]).allSatisfy { wanted.isSubset(of: $0) })
            let records = try #require(loss["records"] as? [[String: Any]])
            #expect(records[0]["value"] as? String == "x\ty")
            #expect(records[0]["acked_at"] as? String == "03:00:00.000")
            #expect(records[1]["value"] is NSNull)
        }
    }

    @Test func `a long loss is whole in JSON`() throws {
        try withSession(replicas: 1) { session in
            session.say("partition r1", "load 30", "crash p")
            let loss = try object(session.run("promote r1 --json").lines[0])
            #expect((loss["records"] as? [Any])?.count == 30)
        }
    }

    @Test func `set, get and connect`() throws {
        try withSession { session in
            #expect(
                session.run("set a 1 --json").lines == [
                    #"{"key":"a","lsn":"0/100138","acked_at":"03:00:00.000"}"#
                ])
            #expect(
                session.run("get r1 a --json").lines == [
                    #"{"key":"a","value":"1","node":"r1","lsn":"0/100138"}"#
                ])
            #expect(
                session.run("get b --json").lines == [
                    #"{"key":"b","value":null,"node":"p","lsn":"0/100138"}"#
                ])
            let addresses = try object(session.run("connect --json").lines[0])
            #expect(
                try names(addresses["nodes"])
                    == Array(repeating: ["name", "host", "port", "connection"], count: 3))
        }
    }

    @Test func `transactions`() throws {
        try withSession { session in
            let lines = ["begin", "set a 1", "delete a", "status", "commit"].map {
                session.run($0, asJSON: true).lines[0]
            }
            #expect(lines[0] == #"{"node":"p","in_transaction":true}"#)
            #expect(
                lines[1] == #"{"key":"a","lsn":null,"acked_at":null,"in_transaction":true}"#)
            let wanted =
                #"{"key":"a","lsn":null,"acked_at":null,"in_transaction":true,"deleted":true}"#
            #expect(lines[2] == wanted)
            let open = try object(lines[3])
            #expect(open["in_transaction"] as? String == "p")
            #expect(
                lines[4]
                    == #"{"node":"p","lsn":"0/100178","acked_at":"03:00:00.000","writes":2}"#)
            session.say("begin; set b 1")
            #expect(session.run("rollback --json").lines == [#"{"node":"p","writes":1}"#])
            let ended = try object(session.run("status --json").lines[0])
            #expect(ended["in_transaction"] is NSNull)
        }
    }

    @Test func `lost counts writes and the commits they were part of`() throws {
        try withSession { session in
            session.say("partition r1; partition r2", "begin; set a 1; set b 2; commit", "set c 3")
            session.say("crash p")
            let loss = try object(session.run("promote r1 --json").lines[0])
            #expect(loss["count"] as? Int == 3)
            #expect(loss["commits"] as? Int == 2)
        }
    }

    @Test func `checkpoint, vacuum, disk, damage and a changed setting`() throws {
        try withSession { session in
            session.say("set a 1", "set a 2")
            let checkpoint = try object(session.run("checkpoint --json").lines[0])
            #expect(
                Set(checkpoint.keys) == [
                    "node", "redo_lsn", "pages", "restartpoint", "needed", "disk_full",
                    "removed_segments",
                ])
            #expect(checkpoint["pages"] as? Int == 1)
            #expect(checkpoint["restartpoint"] as? Bool == false)
            let vacuum = try object(session.run("vacuum --json").lines[0])
            #expect(
                Set(vacuum.keys) == [
                    "node", "pages_scanned", "pages", "tuples", "bytes", "spared", "spared_for",
                ])
            #expect(vacuum["tuples"] as? Int == 1)
            #expect(session.run("disk p full --json").lines == [#"{"node":"p","disk":"full"}"#])
            #expect(
                session.run("config full_page_writes off --json").lines
                    == [#"{"name":"full_page_writes","value":"off"}"#])
            session.say("crash p")
            #expect(
                session.run("damage p page 0 100 --json").lines
                    == [#"{"node":"p","file":"base/5/16384","offset":100,"bytes_gone":0}"#])
        }
    }

    @Test func `wal has an object for each record`() throws {
        try withSession { session in
            session.say("set a 1")
            let lines = session.run("wal --json").lines
            let first = try object(lines[0])
            #expect(first["rmgr"] as? String == "XLOG")
            let last = try object(try #require(lines.last))
            #expect(last["rmgr"] as? String == "Transaction")
            #expect(last["end"] as? String == "0/100138")
            #expect(last["what"] as? String == "COMMIT 03:00:00.000")
        }
    }
}
