import Cluster
import CommandLanguage
import Foundation
import Session
import TestSupport
import Testing

/// What is dug out of a log that lost, and what the ledger says of it afterwards. The truth checker
/// watches every command.
struct SalvageVerbTests {
    private struct Tail {
        let object: [String: Any]

        init(_ session: Session, _ line: String) throws {
            let text = try #require(session.run(line + " --json").lines.first)
            let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
            object = try #require(value as? [String: Any])
        }

        func number(_ name: String) -> Int? { object[name] as? Int }

        /// Key, value on the node, value on the primary, and how they stand.
        var keys: [String] {
            (object["keys"] as? [[String: Any]] ?? []).map { key in
                let texts = ["key", "value", "held", "standing"].map { key[$0] as? String ?? "-" }
                return texts.joined(separator: " ")
            }
        }
    }

    private func salvagedKeys(_ session: Session) throws -> [String] {
        let lost = try Tail(session, "lost")
        return (lost.object["records"] as? [[String: Any]] ?? [])
            .filter { $0["salvaged"] as? Bool == true }
            .map { "\($0["key"] ?? "") \($0["value"] as? String ?? "-")" }
    }

    @Test func `a node that runs is read as one that is down, and its tail grows`() throws {
        try withSession { session throws in
            session.say("partition r1", "partition r2", "set a 1", "crash p", "promote r1")
            let down = try Tail(session, "salvage p").keys
            session.say("restart p")
            #expect(try Tail(session, "salvage p").keys == down)
            session.say("set p b 2")
            #expect(try Tail(session, "salvage p").keys == ["a 1 - missing", "b 2 - missing"])
        }
    }

    @Test func `a replica past the fork has a tail as well`() throws {
        try withSession { session throws in
            session.say("partition r2", "set a 1", "crash p", "promote r2")
            let both = try ["salvage r1", "salvage p"].map { try Tail(session, $0).keys }
            #expect(both == [["a 1 - missing"], ["a 1 - missing"]])
            session.say("salvage r1 --apply")
            #expect(session.fact("value r2 a") == "1")
            #expect(try salvagedKeys(session) == ["a 1"])
        }
    }

    @Test func `the last change counts, and all that it was made of is salvaged`() throws {
        try withSession { session throws in
            session.say("set x 1", "partition r1", "partition r2")
            session.say("set x 2", "set y 1", "delete x", "set y 2", "crash p", "promote r1")
            #expect(try Tail(session, "salvage p").keys == ["x - 1 missing", "y 2 - missing"])
            session.say("salvage p --apply")
            #expect(session.fact("value r1 y") == "2")
            #expect(session.say("get r1 x")[0].hasPrefix("(no such key"))
            #expect(try salvagedKeys(session) == ["x 2", "y 1", "x -", "y 2"])
        }
    }

    @Test func `a change back to what it was is a conflict only if the values differ`() throws {
        try withSession { session throws in
            session.say("set a 1", "set b 1", "partition r1", "partition r2")
            session.say("set a 2", "set b 2", "crash p", "promote r1")
            session.say("set a 5", "set a 1", "set b 2")
            #expect(try Tail(session, "salvage p").keys == ["a 2 1 conflict", "b 2 2 same"])
        }
    }

    @Test func `a deletion of many rows is salvaged when all of them are`() throws {
        try withSession { session throws in
            session.say("load 3 as k", "partition r1", "partition r2", "delete k:*")
            session.say("crash p", "promote r1", "set k:2 7")
            #expect(
                session.say("salvage p --apply skip").contains("1 conflict, left as r1 has it:"))
            #expect(try salvagedKeys(session) == [])
            session.say("salvage p --apply overwrite")
            #expect(session.say("get k:2")[0].hasPrefix("(no such key"))
            let tail = try Tail(session, "salvage p")
            #expect(tail.keys.allSatisfy { $0.hasSuffix("same") })
        }
    }

    /// COMMIT waits for room when its client gives up, and is carried out when there is some.
    @Test func `keys that came over without an OK are salvaged, for they are there`() throws {
        try withSession { session throws in
            session.say("partition r1", "partition r2", "load 150 of 7000", "crash p")
            session.say("promote r1", "disk r1 full")
            #expect(session.run("salvage p --apply").failed)
            session.say("disk r1 ok")
            #expect(try salvagedKeys(session).count == 150)
            let tail = try Tail(session, "salvage p")
            #expect(tail.keys.count == 150)
            #expect(tail.keys.allSatisfy { $0.hasSuffix("same") })
        }
    }

    @Test func `a primary that dies or is frozen gets nothing, and another try is free`() throws {
        try withSession { session throws in
            session.say("partition r1", "partition r2", "set a 1", "crash p", "promote r1")
            for trouble in [("freeze r1", "thaw r1"), ("crash r1", "restart r1")] {
                session.say(trouble.0)
                #expect(session.run("salvage p --apply").failed)
                session.say(trouble.1)
                #expect(session.say("get r1 a")[0].hasPrefix("(no such key"))
            }
            // Its disk fails when COMMIT is made durable: nobody is told anything.
            session.say("disk r1 eio")
            #expect(session.run("salvage p --apply").failed)
            #expect(try salvagedKeys(session) == [])
            session.say("disk r1 ok", "crash r1", "restart r1")
            #expect(!session.run("salvage p --apply").failed)
            #expect(session.fact("value r1 a") == "1")
        }
    }

    @Test func `long and odd texts fit a terminal, and conflicts are not cut away`() throws {
        try withSession(replicas: 1) { session throws in
            let long = String(repeating: "v w ", count: 20)
            session.say("partition r1", "load 30", "set '\(long)' '\(long)'", "crash p")
            session.say("promote r1", "set k:15 7", "set '\(long)' 'x \(long)'")
            let lines = session.say("salvage p")
            #expect(lines.allSatisfy { $0.count <= 80 })
            #expect(lines.count { $0.hasSuffix("conflict") } == 2)
            #expect(lines.contains("... 11 more ..."))
        }
    }

    @Test func `a base backup takes the tail with it`() throws {
        try withSession { session throws in
            session.say("partition r1", "partition r2", "set a 1", "crash p", "promote r1")
            session.say("heal", "wait 10s", "basebackup p")
            #expect(
                session.say("salvage p")
                    == ["p has no commit that r1 does not have: nothing to salvage"])
        }
    }

    @Test func `ten thousand keys come over in one commit`() throws {
        try withSession(replicas: 1) { session throws in
            session.say("load 1000", "partition r1", "load 10000", "crash p", "promote r1")
            let tail = try Tail(session, "salvage p --apply")
            #expect(tail.number("commits") == 10_000)
            #expect(tail.number("written") == 9_000)
            #expect(session.fact("value r1 k:10000") == "10000")
        }
    }

    @Test func `a reopened lab knows what was salvaged`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lab"
        let first = try Lab(LabOptions(replicas: 1, directory: path))
        watched(Session(lab: first)).say(
            "partition r1", "set a 1", "set b 2", "crash p", "promote r1", "set b 3",
            "salvage p --apply skip")
        first.close()
        let lab = try Lab(LabOptions(directory: path))
        defer { lab.close() }
        let session = watched(Session(lab: lab))
        #expect(try salvagedKeys(session) == ["a 1"])
        session.say("salvage p --apply overwrite")
        #expect(try salvagedKeys(session) == ["a 1", "b 2"])
    }
}
