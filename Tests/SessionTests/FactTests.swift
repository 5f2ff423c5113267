import Cluster
import CommandLanguage
import Testing

@testable import Session

/// What goals and predictions look at.
struct FactTests {
    @Test func `facts of a healthy lab`() throws {
        try withSession { session in
            session.say("set a 1", "lag r2 800ms", "wait 1s", "set a 2")
            let facts = [
                "time": "03:00:01.000", "primary": "p", "acknowledged": "2", "lost": "0",
                "role p": "primary", "role primary": "primary", "role r1": "replica",
                "state p": "up", "state r1": "streaming", "timeline r1": "1", "commits p": "2",
                "commits r2": "1", "commits_behind r1": "0", "commits_behind r2": "1",
                "byte_lag r1": "0", "time_lag r1": "0ms", "time_lag r2": "0ms",
                "link r1": "whole", "delay r2": "800ms", "value r1 a": "2", "value r2 a": "1",
                "value primary a": "2", "full_page_writes": "on", "wal_segment_size": "1MB",
            ]
            for (subject, value) in facts { #expect(session.fact(subject) == value, "\(subject)") }
        }
    }

    @Test func `facts after a failover`() throws {
        try withSession { session in
            session.say("partition r1; partition r2", "set a 1", "crash p", "promote r1")
            let facts = [
                "primary": "r1", "lost": "1", "state p": "crashed", "role r1": "primary",
                "role p": "primary", "timeline primary": "2", "link r2": "cut",
                "acknowledged": "1", "commits primary": "0",
            ]
            for (subject, value) in facts { #expect(session.fact(subject) == value, "\(subject)") }
            for subject in ["commits p", "timeline p", "value p a", "value r1 a", "link p"] {
                #expect(session.fact(subject) == nil, "\(subject)")
            }
        }
    }

    @Test func `a fact of a node that does not run is seen without asking it`() throws {
        try withSession { session in
            session.say("set a 1", "freeze r1")
            #expect(session.fact("value r1 a") == "1")
            #expect(session.fact("value r1 b") == nil)
            #expect(session.fact("time") == "03:00:00.000")
        }
    }

    @Test func `looking changes nothing`() throws {
        try withSession { session in
            session.say("partition r1", "set a 1")
            let before = session.say("status", "wal", "lag")
            for subject in ["lost", "value p a", "value r1 a", "byte_lag r1"] {
                _ = session.fact(subject)
            }
            #expect(session.say("status", "wal", "lag") == before)
        }
    }

    @Test func `the settings are those that a lab has`() throws {
        try withSession { session in
            #expect(LabSetting.names == session.context.lab.settings().map(\.name))
            #expect(LabOptions.nodeNames(replicas: 2) == session.context.lab.nodeNames)
        }
    }
}
