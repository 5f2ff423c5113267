import CommandLanguage
import Foundation
import Session
import Testing

/// Pages laid open, and directories held against each other.
struct InspectionTests {
    @Test func `a page shows its header, its line pointers and its rows`() throws {
        try withSession { session in
            session.say("set pay:1 100", "set pay:1 150", "set b 2", "delete b")
            #expect(
                session.say("page 0") == [
                    "page 0 of p",
                    "lsn       checksum  lower  upper  special  free  prune xid  flags",
                    "0/100288     26768     36   8080     8192  8040          4  -",
                    "item    at  bytes  xmin  xmax  ctid   infomasks  key    value  row",
                    "   1  8152     34     3     4  (0,2)  0002 0002  pay:1  100    replaced",
                    "   2  8112     34     4     -  (0,2)  0002 2802  pay:1  150    live",
                    "   3  8080     28     5     6  (0,3)  2002 0002  b      2      deleted",
                    "transactions: 3 to 6 committed",
                    "0002 0002: HEAP_HASVARWIDTH",
                    "0002 2802: HEAP_HASVARWIDTH HEAP_XMAX_INVALID HEAP_UPDATED",
                    "2002 0002: HEAP_KEYS_UPDATED HEAP_HASVARWIDTH",
                ])
        }
    }

    @Test func `an open transaction's rows are there, and say what they wait for`() throws {
        try withSession { session in
            session.say("set a 1", "begin; set b 2; delete a")
            let lines = session.say("page r1 0")
            #expect(lines.contains { $0.hasSuffix("a    1      being deleted") })
            #expect(lines.contains { $0.hasSuffix("b    2      not committed") })
            #expect(lines.contains("transactions: 3 committed; 4 is in progress"))
            session.say("set a 3", "rollback")
            let ended = session.say("page 0")
            #expect(ended.contains { $0.hasSuffix("a    1      live") })
            #expect(ended.filter { $0.hasSuffix("never counted") }.count == 2)
            #expect(ended.contains("transactions: 3 committed; 4 aborted"))
            session.say("set c 4", "vacuum")
            let pruned = session.say("page 0")
            #expect(pruned.filter { $0.hasSuffix("unused") }.count == 2)
            #expect(pruned[2].hasSuffix("PD_HAS_FREE_LINES"))
        }
    }

    @Test func `a page that is not there, and long and hostile text`() throws {
        try withSession { session in
            #expect(
                session.run("page 0").lines == [
                    "error: p's table has no page 0", "try: set a key, then: page p 0",
                ])
            session.say("set 'a\u{1b}[31m' '" + String(repeating: "wide ", count: 40) + "'")
            #expect(session.run("page 7").lines[1] == "try: page p 0")
            let lines = session.say("page 0")
            #expect(!lines.contains { $0.unicodeScalars.contains { $0.value < 32 } })
            #expect(lines.allSatisfy { $0.count <= 100 })
        }
    }

    @Test func `a node that is down shows what a checkpoint has brought to its file`() throws {
        try withSession { session in
            session.say("set a 1", "crash r1", "checkpoint", "set b 2", "crash p")
            let lines = session.say("page p 0")
            #expect(lines[0] == "page 0 of p, as its file has it")
            #expect(lines.filter { $0.hasSuffix("live") }.count == 1)
            #expect(
                session.run("page r1 0").lines == [
                    "error: page 0 is not in r1's file", "try: restart r1, then: page r1 0",
                ])
        }
    }

    @Test func `a page in JSON names all of it`() throws {
        try withSession { session in
            session.say("set a 1", "delete a")
            let line = session.run("page r2 0 --json").lines[0]
            let page = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(
                Set(page.keys) == [
                    "node", "page", "from", "lsn", "checksum", "flags", "lower", "upper", "special",
                    "free",
                    "prune_xid", "lines",
                ])
            let lines = try #require(page["lines"] as? [[String: Any]])
            #expect(
                Set(lines[0].keys) == [
                    "item", "state", "offset", "length", "xmin", "xmin_status", "xmax",
                    "xmax_status", "ctid", "infomask2", "infomask", "flags", "key", "value", "row",
                ])
            #expect(lines[0]["xmax_status"] as? String == "committed")
        }
    }

    // diff

    @Test func `nodes that have replayed the same log are identical, open transactions and all`()
        throws
    {
        try withSession { session in
            session.say("load 300 as x", "set x:1 2", "begin; set a 1")
            let lines = session.say("diff p r1")
            #expect(lines.count == 1)
            #expect(lines[0].hasPrefix("identical through 0/"))
            #expect(lines[0].contains(": 2 pages, "))
            session.say("commit", "checkpoint", "vacuum", "set x:2 3")
            for pair in ["p r1", "r1 r2", "r2 primary"] {
                #expect(session.say("diff \(pair)")[0].hasPrefix("identical through 0/"))
                #expect(session.fact("diff \(pair)") == "identical")
            }
        }
    }

    @Test func `a log that goes on is said to`() throws {
        try withSession { session in
            session.say("set a 1", "partition r1", "set b 2")
            let lines = session.say("diff r1 p")
            #expect(lines[0].hasPrefix("identical through 0/100138: 1 page, "))
            #expect(lines[1].hasPrefix("p goes on to 0/1001B0, 120 WAL bytes further"))
        }
    }

    @Test func `timelines that part are compared up to there`() throws {
        try withSession { session in
            session.say("partition r1", "set a 1", "crash p", "promote r1", "set b 2", "restart p")
            let lines = session.say("diff p r1")
            #expect(lines[0].hasPrefix("identical through 0/1000A0: "))
            #expect(lines[1].hasPrefix("their timelines part at 0/1000A0: p goes on to 0/"))
        }
    }

    @Test func `the first byte that differs is named`() throws {
        try withSession { session in
            session.say("set a 1", "set b 2", "crash r1", "damage r1 wal 0/1000B0")
            #expect(
                session.say("diff p r1").prefix(2) == [
                    "different at 0/1000A0; the first byte that differs is",
                    "pg_wal/000000010000000000000001, byte 176: p has 00, r1 has 01",
                ])
            #expect(session.fact("diff p r1") == "different")
        }
    }

    @Test func `what cannot be compared is no fact`() throws {
        try withSession { session in
            #expect(session.fact("diff p p") == nil)
            #expect(session.fact("diff p r9") == nil)
            session.say("set a 1", "checkpoint", "crash p", "damage p page 0 8190")
            #expect(session.fact("diff p r1") == nil)
            let failure = session.run("diff p r1").lines
            #expect(failure[0].hasPrefix("error: p's files cannot be read: file \"base/5/16384\""))
            #expect(failure[1] == "try: promote r1")
        }
    }
}
