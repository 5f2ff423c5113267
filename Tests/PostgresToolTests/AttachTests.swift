import Cluster
import DatabaseNode
import Foundation
import LabClock
import Replication
import TestSupport
import Testing
import WALFormat

/// An unmodified PostgreSQL follows the lab: the hardest judge there is.
@Suite(.serialized, .enabled(if: PostgresTools.areWanted, "PostgreSQL 15 is not installed"))
struct AttachTests: StandbyJudge {
    @Test func `it returns the lab's rows at every stillness`() throws {
        try withStandby { lab, _ in
            var model: [String: String] = [:]
            for step in 0..<60 {
                let key = "k\(step * 7 % 20)"
                if step % 5 == 4 {
                    _ = try lab.write(key, nil, on: "p")
                    model[key] = nil
                } else {
                    let value = String(repeating: "v", count: step * 37 % 900) + "\(step)"
                    _ = try lab.write(key, value, on: "p")
                    model[key] = value
                }
                #expect(standing("pg", lab) == flush(of: "p", lab))
                guard step % 10 == 9 else { continue }
                #expect(try rows(on: lab) == Set(model.map { "\($0.key)=\($0.value)" }))
            }
            #expect(try query("select pg_is_in_recovery()", on: lab) == "t")
            let replayed = try query("select pg_last_wal_replay_lsn()", on: lab)
            #expect(lab.snapshot()["p"]?.positions?.flush.description == replayed)
        }
    }

    @Test func `it lags, is cut off and comes back as any replica does`() throws {
        try withStandby { lab, _ in
            _ = try lab.write("a", "1", on: "p")
            let whole = standing("pg", lab)
            try lab.setDelay(.milliseconds(800), of: "pg")
            _ = try lab.write("b", "2", on: "p")
            #expect(standing("pg", lab) == whole)
            #expect(lab.wait(.milliseconds(799)))
            #expect(standing("pg", lab) == whole)
            #expect(lab.wait(.milliseconds(1)))
            #expect(standing("pg", lab) == flush(of: "p", lab))
            try lab.setDelay(.zero, of: "pg")
            try lab.partition("pg")
            _ = try lab.write("c", "3", on: "p")
            #expect(try rows(on: lab) == ["a=1", "b=2"])
            #expect(lab.snapshot()["pg"]?.link?.isCut == true)
            let report = try lab.reconnectPostgres()
            #expect(report.isCaughtUp && report.commitCount == 1)
            #expect(try rows(on: lab) == ["a=1", "b=2", "c=3"])
            try lab.partition("pg")
            _ = try lab.write("d", "4", on: "p")
            #expect(try lab.heal("pg"))
            #expect(standing("pg", lab) == flush(of: "p", lab))
        }
    }

    @Test func `an hour of lab time does not part them`() throws {
        try withStandby(replicas: 0) { lab, _ in
            #expect(lab.wait(.seconds(3_600)))
            _ = try lab.write("a", "1", on: "p")
            #expect(lab.takeEvents().isEmpty)
            #expect(standing("pg", lab) == flush(of: "p", lab))
        }
    }

    @Test func `it follows a promotion onto the new timeline, and another upstream`() throws {
        try withStandby(replicas: 2) { lab, _ in
            _ = try lab.write("a", "1", on: "p")
            _ = try lab.crash("p", deliversWire: false)
            let report = try lab.promote("r1")
            guard case .follows? = report.others.first(where: { $0.name == "pg" })?.fate else {
                Issue.record("\(report.others)")
                return
            }
            _ = try lab.write("b", "2", on: "r1")
            #expect(lab.snapshot()["pg"]?.positions?.timeline.rawValue == 2)
            #expect(standing("pg", lab) == flush(of: "r1", lab))
            _ = try lab.follow("pg", "r2")
            _ = try lab.write("c", "3", on: "r1")
            #expect(standing("pg", lab) == flush(of: "r1", lab))
            #expect(try rows(on: lab) == ["a=1", "b=2", "c=3"])
        }
    }

    @Test func `one that is ahead of the new primary is said to have diverged`() throws {
        try withStandby { lab, _ in
            try lab.partition("r1")
            _ = try lab.write("a", "1", on: "p")
            _ = try lab.crash("p", deliversWire: false)
            let report = try lab.promote("r1")
            guard case .cannotFollow? = report.others.first(where: { $0.name == "pg" })?.fate
            else {
                Issue.record("\(report.others)")
                return
            }
            guard case .stopped(.diverged(_, _, _, _))? = lab.snapshot()["pg"]?.reception else {
                Issue.record("\(String(describing: lab.snapshot()["pg"]?.reception))")
                return
            }
        }
    }

    /// Hint bits are set by whoever reads a row, and the checksum follows them.
    @Test func `its table file equals the lab's page for page apart from hint bits`() throws {
        try withStandby { lab, path in
            for step in 0..<300 {
                _ = try lab.write(
                    "k\(step % 90)", String(repeating: "x", count: step % 600), on: "p")
            }
            _ = try lab.checkpoint("p")
            _ = try query("checkpoint", on: lab)
            let file = "/base/5/16384"
            let ours = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/p" + file)))
            let theirs = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/pg" + file)))
            #expect(ours.count > 8192 && ours.count == theirs.count)
            #expect(PageWithoutHints.pages(ours) == PageWithoutHints.pages(theirs))
        }
    }

    @Test func `it is gone after it was detached, and can come again`() throws {
        try withStandby { lab, path in
            _ = try lab.write("a", "1", on: "p")
            try lab.detach()
            #expect(lab.snapshot()["pg"] == nil)
            #expect(!FileManager.default.fileExists(atPath: path + "/pg"))
            #expect(throws: LabFailure.isDetached("pg")) { try lab.detach() }
            _ = try lab.write("b", "2", on: "p")
            _ = try lab.attach()
            #expect(throws: LabFailure.isAttached("pg")) { try lab.attach() }
            #expect(try rows(on: lab) == ["a=1", "b=2"])
            #expect(throws: LabFailure.isPostgres("pg")) { try lab.promote("pg") }
        }
    }

    @Test func `a kept lab takes it in again`() throws {
        try withStandby { lab, path in
            _ = try lab.write("a", "1", on: "p")
            lab.close()
            let again = try Lab(LabOptions(directory: path))
            defer { again.close() }
            _ = try again.attach()
            #expect(try rows(on: again) == ["a=1"])
        }
    }

    @Test func `a lab that began otherwise takes none in`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lab"
        let lab = try Lab(LabOptions(replicas: 0, directory: path))
        #expect(throws: LabFailure.notFromPostgres) { try lab.attach() }
        lab.close()
        #expect(throws: LabFailure.self) {
            try Lab(LabOptions(directory: path, isFromPostgres: true))
        }
    }
}

/// Heap pages without what a reader may add to them.
private enum PageWithoutHints {
    /// t_infomask: HEAP_XMIN_COMMITTED, HEAP_XMIN_INVALID, HEAP_XMAX_COMMITTED, HEAP_XMAX_INVALID.
    private static let hints: UInt8 = 0x0F

    static func pages(_ file: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: file.count, by: 8192).map { page(Array(file[$0..<$0 + 8192])) }
    }

    private static func page(_ bytes: [UInt8]) -> [UInt8] {
        var page = bytes
        // pd_checksum
        page[8] = 0
        page[9] = 0
        let lower = Int(page[12]) | Int(page[13]) << 8
        for pointer in stride(from: 24, to: lower, by: 4) {
            let offset = Int(page[pointer]) | Int(page[pointer + 1] & 0x7F) << 8
            let isNormal = (page[pointer + 1] >> 7) | (page[pointer + 2] & 1) << 1 == 1
            // The upper byte of t_infomask.
            if isNormal { page[offset + 21] &= ~hints }
        }
        return page
    }
}
