import CommandLanguage
import Session
import Testing

/// Several writes that count together or not at all.
struct TransactionTests {
    @Test func `nobody else sees a write before its commit, though the bytes are everywhere`()
        throws
    {
        try withSession { session in
            #expect(
                session.say("begin") == ["a transaction is open on p, until commit or rollback"])
            #expect(
                session.say("set a 1") == [
                    "in the transaction on p: not committed yet",
                    "r1 and r2 have the bytes; nobody else sees the row",
                ])
            #expect(session.say("get a") == ["1"])
            #expect(session.say("get r1 a")[0].hasPrefix("(no such key on r1 at 0/"))
            #expect(
                session.say("commit") == [
                    "OK lsn=0/100138 (p fsynced; r1 and r2 have it), 1 write in it"
                ])
            #expect(session.say("get r1 a") == ["1"])
        }
    }

    @Test func `a write says which replicas have its bytes`() throws {
        try withSession { session in
            session.say("partition r2", "begin")
            #expect(
                session.say("set a 1")[1]
                    == "r1 has the bytes, r2 not yet; nobody else sees the row")
            session.say("partition r1")
            #expect(
                session.say("set b 2")[1]
                    == "r1 and r2 do not have the bytes yet; nobody else sees the row")
            session.say("crash r1; crash r2")
            #expect(session.say("set c 3")[1] == "nobody else sees the row")
        }
    }

    @Test func `a delete takes effect with the commit`() throws {
        try withSession { session in
            session.say("set a 1", "begin")
            #expect(
                session.say("delete a") == [
                    "in the transaction on p: not committed yet",
                    "r1 and r2 have the bytes; everybody else still sees the row",
                ])
            #expect(session.say("delete a") == ["(no such key on p: nothing deleted)"])
            #expect(session.fact("value r1 a") == "1")
            #expect(session.say("commit")[0].hasSuffix(", 1 write in it"))
            #expect(session.fact("value r1 a") == nil)
        }
    }

    @Test func `a rollback says how much it undid`() throws {
        try withSession { session in
            session.say("set a 1", "begin; set a 2; set b 3")
            #expect(
                session.say("rollback") == [
                    "rolled back on p: 2 writes undone; their bytes in the log count for nothing"
                ])
            #expect(session.fact("value p a") == "1")
            #expect(session.fact("value p b") == nil)
            #expect(
                session.say("begin; rollback")[1] == "rolled back on p: there was nothing to undo")
            #expect(session.say("begin; commit")[1] == "OK (the transaction on p wrote nothing)")
        }
    }

    @Test(arguments: ["crash p", "stop p"])
    func `the node's end is the transaction's end, and is told`(_ end: String) throws {
        try withSession { session in
            session.say("begin; set a 1")
            let told = "the open transaction went with p: nobody will ever see what it wrote"
            #expect(session.say(end).contains(told))
            #expect(session.fact("in_transaction") == nil)
            session.say("restart p")
            #expect(session.fact("value p a") == nil)
            #expect(session.say("lost") == ["0 acknowledged commits lost (0 of 0 are on p)"])
            #expect(session.run("commit").lines == ["error: no transaction is open", "try: begin"])
        }
    }

    @Test func `a commit that a replica lacks says so, and says nothing of an end`() throws {
        try withSession { session in
            session.say("partition r1", "begin; set a 1; set b 2")
            let lines = session.say("commit")
            #expect(lines[0].hasSuffix("(p fsynced; r2 has it, r1 does not yet), 2 writes in it"))
            #expect(!lines.contains { $0.hasPrefix("the open transaction") })
            #expect(lines.contains { $0.hasPrefix("r1 is 1 commit behind p") })
        }
    }

    /// Seed 5776 of the random sessions: what it had set before was named as lost.
    @Test func `what a transaction deletes all of, it did not promise`() throws {
        try withSession { session in
            session.say("begin; set c 0; set k:1 0; set k:2 0; delete k:*; set k:2 1; commit")
            let promoted = session.say("promote r1")
            #expect(promoted.contains("0 acknowledged writes lost (3 of 3 are on r1)"))
            session.say("partition r2", "begin; set k:3 0; delete k:*; commit")
            let lost = session.say("promote r2").filter { $0.hasPrefix("0/") }
            #expect(lost.count == 1)
            #expect(lost.first?.contains("k:2  (deleted)") ?? false)
        }
    }

    @Test func `the prompt shows an open transaction, a failed one, and one elsewhere`() throws {
        try withSession { session in
            session.say("begin")
            #expect(session.prompt == "03:00:00.000 p*> ")
            session.say("set a " + String(repeating: "x", count: 9_000))
            #expect(session.prompt == "03:00:00.000 p!> ")
            session.say("rollback")
            #expect(session.prompt == "03:00:00.000 p> ")
            session.say("begin r1")
            #expect(session.prompt == "03:00:00.000 p r1*> ")
            session.say("crash p")
            #expect(session.prompt == "03:00:00.000 p (crashed) r1*> ")
            session.say("commit")
            #expect(session.prompt == "03:00:00.000 p (crashed)> ")
        }
    }

    @Test func `an error ends the transaction, and every answer says what to do`() throws {
        try withSession { session in
            session.say("begin; set a 1")
            let tooBig = session.run("set b " + String(repeating: "x", count: 9_000)).lines
            #expect(tooBig[0].hasSuffix("(server error 54000); the transaction has failed"))
            #expect(tooBig[1] == "try: rollback, then: a shorter value")
            #expect(
                session.run("get a").lines == [
                    "error: the transaction on p has failed (server error 25P02)", "try: rollback",
                ])
            #expect(
                session.run("commit").lines == [
                    "error: the transaction on p had failed, so commit undid it",
                    "try: begin, then its writes again",
                ])
            #expect(session.fact("in_transaction") == nil)
            #expect(session.fact("value p a") == nil)
        }
    }

    @Test func `writes elsewhere are no part of it`() throws {
        try withSession { session in
            session.say("begin r1")
            #expect(session.say("set a 1")[0].hasPrefix("OK lsn="))
            #expect(session.say("status").contains("a transaction is open on r1"))
            #expect(session.fact("in_transaction") == "r1")
        }
    }

    // The loss ledger.

    @Test func `a commit of three writes is lost as a whole, and counted as one`() throws {
        try withSession { session in
            session.say(
                "set k 0", "partition r1; partition r2", "begin; set a 1; set b 2; set c 3; commit")
            session.say("crash p")
            let lines = session.say("promote r1")
            let heading = try #require(
                lines.firstIndex(of: "3 acknowledged writes of 1 commit are lost:"))
            let places = lines[(heading + 2)..<(heading + 5)].map { $0.prefix(8) }
            #expect(Set(places).count == 1)
            #expect(
                lines[heading + 5]
                    == "lost 3 of 4 acknowledged writes, confirmed at 03:00:00.000")
            #expect(session.fact("lost") == "3")
        }
    }

    @Test func `the last write to a key is what a commit promised`() throws {
        try withSession { session in
            session.say("begin; set a 1; set a 2; commit")
            #expect(session.fact("acknowledged") == "1")
            #expect(session.say("lost") == ["0 acknowledged commits lost (1 of 1 is on p)"])
            session.say("begin; set a 1; set b 2; commit")
            #expect(session.say("lost") == ["0 acknowledged writes lost (3 of 3 are on p)"])
        }
    }
}
