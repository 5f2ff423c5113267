import Cluster
import DatabaseNode
import Foundation
import LabClock
import Replication
import Testing
import WALFormat
import WireProtocol

/// An unmodified PostgreSQL comes to the lab late, or again: a base backup of the lab's is what it
/// starts on.
@Suite(.serialized, .enabled(if: PostgresTools.areWanted, "PostgreSQL 15 is not installed"))
struct AttachAnytimeTests: StandbyJudge {
    @Test func `it comes at any time, and again, though the first log is gone`() throws {
        try withStandby(isAttached: false) { lab, _ in
            let begin = try #require(lab.retention().first).oldest
            try fill(lab, "a")
            #expect(try #require(lab.retention().first).oldest > begin)
            let report = try lab.attach()
            #expect(report.at >= report.backup.end)
            #expect(standing("pg", lab) == flush(of: "p", lab))
            #expect(lab.snapshot()["pg"]?.positions?.commits == 300)
            try lab.detach()
            try fill(lab, "b")
            _ = try lab.attach()
            #expect(standing("pg", lab) == flush(of: "p", lab))
            #expect(try rowCount(on: lab) == "600")
            #expect(try query("select count(*) from pg_class where relname = 'kv'", on: lab) == "1")
            #expect(lab.takeEvents().allSatisfy { $0.node != "pg" })
        }
    }

    @Test func `it begins on the timeline of a promotion, with its history`() throws {
        try withStandby(isAttached: false) { lab, path in
            _ = try lab.write("a", "1", on: "p")
            _ = try lab.crash("p", deliversWire: false)
            _ = try lab.promote("r1")
            try fill(lab, "b", on: "r1")
            let report = try lab.attach()
            #expect(report.upstream == "r1" && report.backup.timeline == Timeline(2))
            #expect(lab.snapshot()["pg"]?.positions?.timeline == Timeline(2))
            _ = try lab.write("c", "3", on: "r1")
            #expect(standing("pg", lab) == flush(of: "r1", lab))
            #expect(try rowCount(on: lab) == "302")
            let history = path + "/pg/pg_wal/00000002.history"
            #expect(FileManager.default.fileExists(atPath: history))
        }
    }

    @Test func `a kept lab takes it in though the first log is gone`() throws {
        try withStandby(isAttached: false) { lab, path in
            try fill(lab, "a")
            lab.close()
            let again = try Lab(LabOptions(directory: path))
            defer { again.close() }
            _ = try again.attach()
            #expect(try rowCount(on: again) == "300")
            #expect(standing("pg", again) == flush(of: "p", again))
        }
    }

    @Test func `a transaction that is open when it comes counts only when it commits`() throws {
        try withStandby(isAttached: false) { lab, _ in
            _ = try lab.write("kept", "1", on: "p")
            _ = try lab.begin(on: "p")
            _ = try lab.write("dropped", "1", on: "p")
            _ = try lab.rollBack()
            _ = try lab.begin(on: "p")
            _ = try lab.write("open", "1", on: "p")
            _ = try lab.attach()
            #expect(try rows(on: lab) == ["kept=1"])
            _ = try lab.commit()
            #expect(try rows(on: lab) == ["kept=1", "open=1"])
            #expect(standing("pg", lab) == flush(of: "p", lab))
        }
    }

    @Test func `while the primary is down it cannot come, and nothing is left of it`() throws {
        try withStandby(isAttached: false) { lab, path in
            _ = try lab.crash("p", deliversWire: false)
            #expect(throws: LabFailure.isDown("p", .crashed)) { try lab.attach() }
            #expect(lab.snapshot()["pg"] == nil)
            let left = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(!left.contains { $0.hasPrefix("pg") })
            _ = try lab.restart("p")
            _ = try lab.attach()
            #expect(standing("pg", lab) == flush(of: "p", lab))
        }
    }

    @Test func `a base backup repairs one that has diverged, and one whose log is gone`() throws {
        try withStandby { lab, _ in
            try lab.partition("pg")
            #expect(lab.wait(.seconds(120)))
            try fill(lab, "a")
            _ = try lab.heal("pg")
            #expect(lab.snapshot()["pg"]?.refusal?.code == .undefinedFile)
            #expect(lab.snapshot()["pg"]?.reception == .connecting)
            let again = try lab.baseBackupPostgres()
            #expect(again.isStreaming && again.source == "p" && again.took == .zero)
            #expect(standing("pg", lab) == flush(of: "p", lab))
            try lab.partition("r1")
            _ = try lab.write("only", "1", on: "p")
            _ = try lab.crash("p", deliversWire: false)
            _ = try lab.promote("r1")
            guard case .stopped? = lab.snapshot()["pg"]?.reception else {
                Issue.record("\(String(describing: lab.snapshot()["pg"]))")
                return
            }
            #expect(try lab.baseBackupPostgres().source == "r1")
            #expect(standing("pg", lab) == flush(of: "r1", lab))
            #expect(try rowCount(on: lab) == "300")
        }
    }

    @Test func `it takes a base backup from a standby, over a slow link as well`() throws {
        try withStandby { lab, _ in
            try fill(lab, "a")
            try lab.setDelay(.milliseconds(100), of: "pg")
            let report = try lab.baseBackupPostgres(from: "r1")
            #expect(report.source == "r1" && report.took > .zero)
            #expect(lab.snapshot()["pg"]?.link?.delay == .milliseconds(100))
            _ = try lab.write("b", "1", on: "p")
            #expect(lab.wait(.milliseconds(200)))
            #expect(standing("pg", lab) == flush(of: "p", lab))
            #expect(try rowCount(on: lab) == "301")
        }
    }

    @Test func `a base backup that fails leaves it with the files it had`() throws {
        try withStandby { lab, _ in
            _ = try lab.write("a", "1", on: "p")
            try lab.partition("pg")
            _ = try lab.write("b", "2", on: "p")
            #expect(throws: LabFailure.self) { try lab.baseBackupPostgres() }
            #expect(lab.snapshot()["pg"]?.isUp == true)
            #expect(try rows(on: lab) == ["a=1"])
            #expect(throws: LabFailure.isOwnSource("pg")) {
                try lab.baseBackupPostgres(from: "pg")
            }
            #expect(try lab.heal("pg"))
            #expect(try rows(on: lab) == ["a=1", "b=2"])
            #expect(standing("pg", lab) == flush(of: "p", lab))
        }
    }
}
