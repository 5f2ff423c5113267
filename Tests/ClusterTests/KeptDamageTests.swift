import DatabaseNode
import Foundation
import Storage
import TestSupport
import Testing
import WALFormat

@testable import Cluster

/// A kept lab of which files are not as it left them.
struct KeptDamageTests {
    private let folder: TemporaryFolder
    private let options: LabOptions

    init() throws {
        folder = try TemporaryFolder()
        options = LabOptions(directory: folder.path + "/lab")
    }

    private func path(_ node: String, _ file: String) -> String {
        folder.path + "/lab/" + node + "/" + file
    }

    /// A lab of five commits that was closed.
    private func make() throws {
        let lab = try Lab(options)
        defer { lab.close() }
        for number in 1...5 { _ = try lab.write("k\(number)", "v", on: "p") }
    }

    private func empty(_ node: String, _ file: String) throws {
        try Data().write(to: URL(filePath: path(node, file)))
    }

    private func damage(_ lab: Lab) -> [String: String] {
        lab.takeEvents().reduce(into: [:]) { damage, event in
            if case .foundDamaged(let reason) = event.kind {
                damage[event.node] = reason.description
            }
        }
    }

    @Test func `a replica with a damaged file is down, is named, and is filled anew`() throws {
        try make()
        try empty("r1", "pg_xact/0000")
        let lab = try Lab(options)
        defer { lab.close() }
        let found = damage(lab)
        #expect(Array(found.keys) == ["r1"])
        #expect(found["r1"]?.hasPrefix("file \"pg_xact\" is damaged") ?? false)
        #expect(lab.snapshot()["r1"]?.state == .stopped)
        #expect(lab.snapshot()["p"]?.positions?.commits == 5)
        _ = try lab.baseBackup(of: "r1")
        #expect(try lab.diff("p", "r1").outcome == .identical)
    }

    @Test func `whatever stands in a file's place, a base backup clears it away`() throws {
        try make()
        try FileManager.default.removeItem(atPath: path("r1", "base/5/16384"))
        try FileManager.default.createDirectory(
            atPath: path("r1", "base/5/16384"), withIntermediateDirectories: false)
        let lab = try Lab(options)
        defer { lab.close() }
        #expect(damage(lab)["r1"] != nil)
        _ = try lab.baseBackup(of: "r1")
        #expect(try lab.diff("p", "r1").outcome == .identical)
    }

    @Test func `a primary with a damaged file is down, and a replica can take its place`() throws {
        try make()
        try empty("p", "base/5/16384")
        let lab = try Lab(options)
        defer { lab.close() }
        #expect(damage(lab)["p"] != nil)
        #expect(lab.snapshot()["p"]?.state == .stopped)
        #expect(throws: LabFailure.self) { try lab.write("k6", "v", on: "p") }
        _ = try lab.promote("r1")
        #expect(try lab.lost().lost.isEmpty)
    }

    @Test func `a lab of which every node is damaged does not open`() throws {
        try make()
        for node in ["p", "r1", "r2"] { try empty(node, "global/shiplog_control") }
        #expect(throws: LabFailure.cannotOpen(node: "p", .notADataDirectory)) { try Lab(options) }
    }

    /// A lab's own files, whole again when `body` has seen a change in one.
    private func withEveryChange(
        of name: String, _ body: (String) throws -> Void
    ) throws {
        let url = URL(filePath: folder.path + "/lab/" + name)
        let bytes = try Data(contentsOf: url)
        #expect(bytes.count > 100)
        for index in bytes.indices {
            var flipped = bytes
            flipped[index] ^= 1 << UInt8(index % 8)
            try flipped.write(to: url)
            try body("byte \(index) flipped")
            try bytes[..<index].write(to: url)
            try body("cut at \(index)")
        }
        try FileManager.default.removeItem(at: url)
        try body("removed")
        try bytes.write(to: url)
    }

    private func read() throws(LabFailure) -> [ClientLedger.Entry] {
        var directory = try LabDirectory(options)
        defer { directory.giveBack() }
        return try directory.ledger()
    }

    @Test func `no byte of what clients were told changes or goes without a word`() throws {
        try make()
        try withEveryChange(of: LabDirectory.ledgerName) { what in
            let failure = #expect(throws: LabFailure.self, "\(what)") { try read() }
            if case .damagedLab(_, LabDirectory.ledgerName, _)? = failure { return }
            Issue.record("\(what): \(String(describing: failure))")
        }
        #expect(try read().map(\.key) == ["k1", "k2", "k3", "k4", "k5"])
    }

    @Test func `no byte of a lab's note changes or goes without a word`() throws {
        try make()
        try withEveryChange(of: LabDirectory.noteName) { what in
            let failure = #expect(throws: LabFailure.self, "\(what)") { try read() }
            switch failure {
            case .damagedLab(_, LabDirectory.noteName, "it is not as it was written"): break
            case .notALab where what == "removed": break
            default: Issue.record("\(what): \(String(describing: failure))")
            }
        }
        #expect(try read().count == 5)
    }

    @Test func `a note of another version is named as such`() throws {
        try make()
        let url = URL(filePath: folder.path + "/lab/" + LabDirectory.noteName)
        try Data("version 1\nseed 1\nreplicas 2\nclock 0\nclaimed 1\n".utf8).write(to: url)
        let reason = "another version of Shiplog wrote it"
        #expect(
            throws: LabFailure.damagedLab(
                path: folder.path + "/lab", file: LabDirectory.noteName, reason: reason)
        ) { try Lab(options) }
    }

    /// What a kill leaves: lines behind those that the note knows of, the last one cut short.
    @Test func `a ledger that is longer than the note knows is read as far as it is whole`() throws
    {
        try make()
        let url = URL(filePath: folder.path + "/lab/" + LabDirectory.ledgerName)
        let whole = try Data(contentsOf: url)
        try (whole + Data("5\tp\t:6b".utf8)).write(to: url)
        let lab = try Lab(options)
        _ = try lab.write("k6", "v", on: "p")
        lab.close()
        #expect(try Data(contentsOf: url).starts(with: whole + Data("5\tp\t:6b36\t".utf8)))
        #expect(try read().map(\.key) == ["k1", "k2", "k3", "k4", "k5", "k6"])
    }

    /// The end of a log that was not closed cannot be told from one that was never written; what
    /// clients were told can.
    @Test func `a primary that has lost its log's end says how many commits were in it`() throws {
        let lab = try Lab(options)
        for number in 1...5 { _ = try lab.write("k\(number)", "v", on: "p") }
        _ = lab.look()
        // As after a power loss of the whole machine: the nodes' files without their last words.
        let copy = folder.path + "/copy"
        try FileManager.default.copyItem(atPath: folder.path + "/lab", toPath: copy)
        lab.close()
        let files = try RealFileSystem(opening: copy + "/p")
        _ = try #require(try files.tearLastRecord())
        for name in ["r1", "r2"] {
            _ = try RealFileSystem(opening: copy + "/" + name).tearLastRecord()
        }
        let reopened = try Lab(LabOptions(directory: copy))
        defer { reopened.close() }
        #expect(
            reopened.takeEvents().contains {
                $0.node == "p" && $0.kind == .foundShort(commits: 1)
            })
        #expect(try reopened.lost().lost.map(\.key) == ["k5"])
    }
}
