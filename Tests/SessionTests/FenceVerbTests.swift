import Cluster
import CommandLanguage
import Session
import Testing

/// `fence` and `unfence` at the prompt.
struct FenceVerbTests {
    private static let readOnly = "error: p is fenced and takes no writes (server error 25006)"

    @Test(arguments: ["freeze p", "partition monitor", "wait 1s"])
    func `power always works, and stays off until unfence`(_ trouble: String) throws {
        try withSession(replicas: 1) { session in
            session.say("set a 1", "monitor interval=1s misses=3", trouble)
            #expect(
                session.say("fence p by=power").contains(
                    "p is fenced: it stays off until 'unfence p'"))
            #expect(session.prompt.hasSuffix(" p (fenced)> "))
            for line in ["restart p", "restart p as=replica"] {
                #expect(session.say(line).first == "error: p is fenced: its power is off")
            }
            session.say("promote r1")
            #expect(session.say("basebackup p").first == "error: p is fenced: its power is off")
            session.say("unfence p")
            #expect(
                session.say("restart p as=replica").contains {
                    $0.hasPrefix("p is up as a replica of r1")
                })
        }
    }

    @Test func `a command must be answered, else the node may go on writing`() throws {
        try withSession(replicas: 1) { session in
            session.say("fence p by=command")
            #expect(session.say("set a 1").first == Self.readOnly)
            session.say("crash p", "restart p")
            #expect(session.say("set a 1").first == Self.readOnly, "a restart keeps it")
            session.say("unfence p", "monitor interval=1s misses=3", "wait 1s")
            #expect(session.say("set a 1").first?.hasPrefix("OK") == true)
            session.say("partition monitor")
            #expect(
                session.run("fence p by=command", keepsGoing: true).lines.contains(
                    "error: p did not answer within 5s; it may still take writes"))
            #expect(session.say("set a 2").first?.hasPrefix("OK") == true)
            session.say("heal monitor")
            #expect(session.say("fence p by=command").first?.hasPrefix("p is fenced") == true)
        }
    }

    @Test func `a lease lasts as long as checks are answered, and ends by itself`() throws {
        try withSession(replicas: 1) { session in
            session.say("monitor interval=1s misses=3", "fence p by=lease:5s", "wait 1m")
            #expect(session.say("set a 1").first?.hasPrefix("OK") == true)
            // The last check that came was at 03:01:00.
            session.say("partition monitor", "wait 4999ms")
            #expect(session.say("set a 2").first?.hasPrefix("OK") == true)
            #expect(
                session.say("wait 1ms").contains {
                    $0.hasPrefix("03:01:05.000 p: its lease has ended")
                })
            #expect(session.say("set a 3").first == Self.readOnly)
            session.say("heal monitor", "wait 1s")
            #expect(session.say("set a 3").first?.hasPrefix("OK") == true)
        }
    }

    @Test func `a transaction under way cannot commit past the lease`() throws {
        try withSession(replicas: 1) { session in
            session.say("monitor", "monitor interval=1s misses=3", "fence p by=lease:2s")
            session.say("begin", "set a 1", "partition monitor", "wait 3s")
            #expect(session.say("commit").first == Self.readOnly)
            session.say("unfence p", "heal monitor", "wait 1s", "rollback")
            #expect(session.say("get a --json").first?.contains(#""value":null"#) == true)
        }
    }

    @Test func `a commit on its way to the disk at the expiry gets no OK`() throws {
        try withSession(replicas: 1) { session in
            session.say("monitor interval=1s misses=3", "fence p by=lease:2s")
            session.say("partition monitor", "wait 1900ms", "slow p fsync=200ms")
            #expect(
                session.run("set a 1", keepsGoing: true).lines.contains(
                    "error: p went away before it answered: nobody knows if the write counts"))
            #expect(session.say("lost --json").first?.contains(#""acknowledged":0"#) == true)
        }
    }

    @Test func `what cannot be fenced is said, and nothing changes`() throws {
        try withSession(replicas: 1) { session in
            func refuses(_ line: String) {
                let before = session.say("status --json")
                #expect(
                    session.run(line, keepsGoing: true).lines.contains {
                        $0.hasPrefix("error:")
                    }, "\(line)")
                #expect(session.say("status --json") == before)
            }
            for line in [
                "fence r1", "fence p by=lease:5s", "fence p by=lease:0s", "fence p by=lease",
                "fence p by=lease:2h", "fence p by=", "fence p by=fire", "unfence p", "unfence r1",
                "fence x",
            ] {
                refuses(line)
            }
            session.say("monitor interval=1s misses=3")
            refuses("fence p by=lease:1s")
            session.say("fence p by=lease:3s")
            refuses("fence p by=lease:4s")
            session.say("fence p by=command")
            refuses("fence p by=command")
            refuses("fence p by=power")
            session.say("unfence p", "unfence p", "crash p")
            refuses("fence p")
            session.say("promote r1", "restart p")
            refuses("fence p by=lease:5s")
            #expect(session.say("fence p by=command").first?.hasPrefix("p is fenced") == true)
        }
    }

    @Test func `fences in JSON`() throws {
        try withSession(replicas: 1) { session in
            #expect(
                session.say("fence p by=command --json") == [
                    #"{"node":"p","by":"command","until":null,"took_ms":0}"#
                ])
            #expect(
                session.say("status --json")[0].contains(
                    #""fence":{"by":"command","takes_writes":false}}"#))
            #expect(
                session.say("unfence p --json") == [
                    #"{"node":"p","was":{"by":"command","takes_writes":false}}"#
                ])
            session.say("monitor interval=1s misses=3")
            #expect(
                session.say("fence p by=lease:5s --json") == [
                    #"{"node":"p","by":"lease","until":"03:00:05.000","took_ms":0}"#
                ])
        }
    }
}
