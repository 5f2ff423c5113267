import Cluster
import DatabaseNode
import Foundation
import LabClock
import Replication
import Storage
import TestSupport
import Testing
import WALFormat
import WireProtocol

/// A replica's directory filled anew from another node, over its own wire.
struct BaseBackupTests {
    private static func lab(_ usesMemory: Bool = false) throws -> Lab {
        try watchedLab(LabOptions(usesMemory: usesMemory))
    }

    private func isStreaming(_ lab: Lab, _ node: String) -> Bool {
        lab.snapshot()[node]?.reception == .streaming
    }

    @Test(arguments: [false, true])
    func `a seeded replica is the same as its source, and follows it`(usesMemory: Bool) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.load(300, prefix: "k", on: "p") { _ in .zero }
        let report = try lab.baseBackup(of: "r1")
        #expect(report.source == "p")
        // Between the two lies what tells hot standbys which transactions are open.
        #expect(report.summary.checkpoint == report.summary.redo.advanced(by: 56))
        #expect(report.recovery.redoStart == report.summary.redo)
        #expect(report.recovery.end >= report.summary.end)
        #expect(report.took == .zero)
        #expect(isStreaming(lab, "r1"))
        _ = try lab.write("after", "1", on: "p")
        #expect(try lab.read("after", on: "r1").value == "1")
        #expect(try lab.diff("p", "r1").outcome == .identical)
        _ = try lab.crash("r1", deliversWire: false)
        _ = try lab.restart("r1")
        #expect(try lab.diff("p", "r1").outcome == .identical)
    }

    @Test(arguments: [false, true])
    func `a backup under load misses nothing`(usesMemory: Bool) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.load(1_200, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.startBaseBackup(of: "r1", rate: 256)
        // New rows, old rows, and a checkpoint that rewrites the files under the backup's feet.
        _ = try lab.load(100, prefix: "new", on: "p") { .milliseconds(7 * $0) }
        _ = try lab.load(200, prefix: "k", on: "p") { .milliseconds($0) }
        _ = try lab.checkpoint("p")
        guard case .seeding(let progress)? = lab.snapshot()["r1"]?.state else {
            Issue.record("the backup was over before the writes were")
            return
        }
        #expect(progress.receivedByteCount > 0)
        _ = try lab.load(100, prefix: "more", on: "p") { .milliseconds(20 * $0) }
        #expect(lab.wait(.seconds(60)))
        #expect(isStreaming(lab, "r1"))
        for key in ["new:100", "k:1200", "more:100"] {
            #expect(try lab.read(key, on: "r1").value != nil)
        }
        #expect(try lab.diff("p", "r1").outcome == .identical)
    }

    @Test func `a transaction that is open across a backup counts when it commits`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.begin(on: "p")
        _ = try lab.write("a", "1", on: "p")
        _ = try lab.baseBackup(of: "r1")
        #expect(try lab.read("a", on: "r1").value == nil)
        _ = try lab.commit()
        #expect(try lab.read("a", on: "r1").value == "1")
        #expect(try lab.diff("p", "r1").outcome == .identical)
    }

    @Test(arguments: [false, true])
    func `a standby seeds another, which then follows it`(isRestartpoint: Bool) throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.load(50, prefix: "a", on: "p") { _ in .zero }
        if isRestartpoint { _ = try lab.checkpoint("p") }
        _ = try lab.load(50, prefix: "b", on: "p") { _ in .zero }
        let report = try lab.baseBackup(of: "r2", from: "r1")
        #expect(report.summary.checkpoint.map { $0 > LSN(0x100028) } == isRestartpoint)
        #expect(lab.snapshot()["r2"]?.role == .standby(upstream: "r1"))
        _ = try lab.write("after", "1", on: "p")
        #expect(try lab.read("after", on: "r2").value == "1")
        #expect(try lab.diff("p", "r2").outcome == .identical)
    }

    @Test(arguments: [false, true])
    func `an old primary becomes a replica, up or down`(isUp: Bool) throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.setDelay(.milliseconds(500), of: "r1")
        _ = try lab.load(10, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.crash("p", deliversWire: false)
        let lost = try lab.promote("r1").loss.lost.count
        #expect(lost == 10)
        if isUp {
            _ = try lab.restart("p")
            _ = try lab.write("zombie", "1", on: "p")
        }
        _ = try lab.baseBackup(of: "p")
        #expect(lab.snapshot()["p"]?.role == .standby(upstream: "r1"))
        #expect(try lab.diff("p", "r1").outcome == .identical)
        #expect(try lab.lost().lost.count == (isUp ? 11 : 10))
        #expect(try lab.read("zombie", on: "p").value == nil)
    }

    @Test func `a diverged replica is healed`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.setDelay(.milliseconds(500), of: "r1")
        _ = try lab.load(10, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.crash("p", deliversWire: false)
        let report = try lab.promote("r1")
        guard case .cannotFollow = report.others.first?.fate else {
            Issue.record("r2 is not diverged")
            return
        }
        _ = try lab.baseBackup(of: "r2")
        #expect(isStreaming(lab, "r2"))
        #expect(try lab.diff("r1", "r2").outcome == .identical)
    }

    // MARK: The ledger

    @Test func `the ledger is as exact after backups as before`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.setDelay(.milliseconds(500), of: "r1")
        _ = try lab.load(5, prefix: "early", on: "p") { _ in .zero }
        #expect(lab.wait(.seconds(1)))
        _ = try lab.load(10, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.crash("p", deliversWire: false)
        let before = try lab.promote("r1").loss
        #expect(before.lost.count == 10)
        #expect(before.lost.allSatisfy { $0.reached == .receive(on: ["r2"]) && $0.isOnOldDisk })
        for replica in ["r2", "p"] { _ = try lab.baseBackup(of: replica) }
        let after = try lab.lost()
        #expect(after.lost.map(\.lsn) == before.lost.map(\.lsn))
        #expect(after.lost.allSatisfy { $0.reached == .receive(on: ["r2"]) && !$0.isOnOldDisk })
        #expect(after.lostByteCount == before.lostByteCount)
        #expect(after.acknowledgedCount == 15)
        // A survivor whose own log begins with the backup has the older commits all the same.
        _ = try lab.load(5, prefix: "late", on: "r1") { _ in .zero }
        _ = try lab.crash("r1", deliversWire: false)
        let last = try lab.promote("p").loss
        #expect(last.lost.map(\.lsn) == before.lost.map(\.lsn))
        #expect(last.acknowledgedCount == 20)
        _ = try lab.baseBackup(of: "r1")
        _ = try lab.baseBackup(of: "r2")
        #expect(try lab.lost().lost.map(\.lsn) == before.lost.map(\.lsn))
    }

    @Test func `commits older than any log that is left still count`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        // More than a segment, so that the backup's WAL begins behind the first commits.
        let value = String(repeating: "v", count: 5_000)
        for index in 0..<300 { _ = try lab.write("k\(index % 40)", value, on: "p") }
        let report = try lab.baseBackup(of: "r1")
        #expect(report.summary.redo > LSN(0x200000))
        #expect(try #require(lab.records(of: "r1").first).start >= LSN(0x200000))
        _ = try lab.crash("p", deliversWire: false)
        #expect(try lab.promote("r1").loss.lost.isEmpty)
        _ = try lab.baseBackup(of: "p")
        #expect(try lab.lost().lost.isEmpty)
        #expect(try lab.lost().acknowledgedCount == 300)
    }

    // MARK: Trouble

    @Test func `a wire that is cut in the middle ends it in time, and it can be tried again`()
        throws
    {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.startBaseBackup(of: "r1", rate: 256)
        #expect(lab.wait(.seconds(1)))
        try lab.partition("r1")
        #expect(lab.wait(.seconds(59)))
        guard case .seeding? = lab.snapshot()["r1"]?.state else {
            Issue.record("it was given up too soon")
            return
        }
        #expect(lab.wait(.seconds(1)))
        let failure = LabFailure.backupFailed(
            replica: "r1", source: "p", .timedOut(after: .seconds(60)), directoryIsTouched: true)
        #expect(lab.takeEvents().map(\.kind).contains(.backup(.failed(failure))))
        #expect(lab.snapshot()["r1"]?.state == .stopped)
        #expect(throws: LabFailure.cannotOpen(node: "r1", .incompleteBackup(of: "p"))) {
            try lab.restart("r1")
        }
        #expect(try lab.heal("r1"))
        _ = try lab.baseBackup(of: "r1")
        #expect(isStreaming(lab, "r1"))
    }

    @Test func `over a wire that is cut before, nothing is touched`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        try lab.partition("r1")
        #expect(
            throws: LabFailure.backupFailed(
                replica: "r1", source: "p", .timedOut(after: .seconds(60)),
                directoryIsTouched: false)
        ) { try lab.baseBackup(of: "r1") }
        #expect(lab.snapshot()["r1"]?.state == .stopped)
        _ = try lab.restart("r1")
        #expect(try lab.read("a", on: "r1").value == "1")
    }

    @Test func `a delayed wire carries a backup, late`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.setDelay(.milliseconds(700), of: "r1")
        let report = try lab.baseBackup(of: "r1")
        #expect(report.took >= .milliseconds(1400))
        #expect(report.took < .seconds(10))
        #expect(isStreaming(lab, "r1"))
    }

    @Test(arguments: [false, true])
    func `a crash of the source in the middle leaves the replica empty`(
        usesMemory: Bool
    ) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.startBaseBackup(of: "r1", rate: 256)
        #expect(lab.wait(.seconds(1)))
        _ = try lab.crash("p", deliversWire: false)
        let failure = LabFailure.backupFailed(
            replica: "r1", source: "p", .connectionLost, directoryIsTouched: true)
        #expect(lab.takeEvents().map(\.kind).contains(.backup(.failed(failure))))
        #expect(throws: LabFailure.cannotOpen(node: "r1", .incompleteBackup(of: "p"))) {
            try lab.restart("r1")
        }
        _ = try lab.promote("r2")
        _ = try lab.baseBackup(of: "r1")
        #expect(try lab.diff("r1", "r2").outcome == .identical)
    }

    @Test(arguments: [false, true])
    func `a crash of the replica in the middle leaves what says that it is incomplete`(
        usesMemory: Bool
    ) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.startBaseBackup(of: "r1", rate: 256)
        #expect(lab.wait(.seconds(1)))
        #expect(throws: LabFailure.isSeeding("r1", source: "p")) { try lab.restart("r1") }
        #expect(throws: LabFailure.isSeeding("r1", source: "p")) { try lab.baseBackup(of: "r1") }
        #expect(try lab.crash("r1", deliversWire: false).wasInBackup)
        #expect(throws: LabFailure.cannotOpen(node: "r1", .incompleteBackup(of: "p"))) {
            try lab.restart("r1")
        }
        #expect(throws: LabFailure.cannotOpen(node: "r1", .incompleteBackup(of: "p"))) {
            try lab.records(of: "r1")
        }
        #expect(try lab.lost().lost.isEmpty)
        _ = try lab.baseBackup(of: "r1")
        #expect(isStreaming(lab, "r1"))
    }

    @Test func `a source whose disk fails ends the backup`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.setDiskFault(.syncError, on: "p")
        #expect {
            try lab.baseBackup(of: "r1")
        } throws: { error in
            guard case .backupFailed("r1", "p", .refused(let error), false)? = error as? LabFailure
            else { return false }
            return error.code == .ioError
        }
    }

    @Test func `what may not be wiped, and by whom`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        #expect(throws: LabFailure.isPrimary("p")) { try lab.baseBackup(of: "p", from: "r1") }
        #expect(throws: LabFailure.isOwnSource("r1")) { try lab.baseBackup(of: "r1", from: "r1") }
        #expect(throws: LabFailure.noSuchNode("x")) { try lab.baseBackup(of: "r1", from: "x") }
        _ = try lab.baseBackup(of: "r2", from: "r1")
        #expect(throws: LabFailure.followsItself(replica: "r1", source: "r2")) {
            try lab.baseBackup(of: "r1", from: "r2")
        }
        _ = try lab.crash("r2", deliversWire: false)
        #expect(throws: LabFailure.isDown("r2", .crashed)) {
            try lab.baseBackup(of: "r1", from: "r2")
        }
        _ = try lab.crash("p", deliversWire: false)
        #expect(throws: LabFailure.isPrimary("p")) { try lab.baseBackup(of: "p", from: "r1") }
        #expect(isStreaming(lab, "r1") == false)
        #expect(lab.snapshot()["r1"]?.isUp == true)
    }

    @Test func `a lab that was closed in the middle opens, and says what is missing`() throws {
        let folder = try TemporaryFolder()
        let options = LabOptions(directory: folder.path + "/lab")
        do {
            let lab = try watchedLab(options)
            defer { lab.close() }
            _ = try lab.write("a", "1", on: "p")
            _ = try lab.startBaseBackup(of: "r1", rate: 256)
            #expect(lab.wait(.seconds(1)))
        }
        let lab = try watchedLab(options)
        defer { lab.close() }
        #expect(
            lab.takeEvents().map(\.kind).contains(.backup(.foundIncomplete(source: "p"))))
        #expect(lab.snapshot()["r1"]?.state == .stopped)
        #expect(isStreaming(lab, "r2"))
        _ = try lab.baseBackup(of: "r1")
        #expect(try lab.diff("p", "r1").outcome == .identical)
    }

    @Test func `two runs of one story are the same to the byte`() throws {
        func run() throws -> (BackupReport, [WALLine], [LabEvent]) {
            let lab = try Self.lab()
            defer { lab.close() }
            try lab.setDelay(.milliseconds(30), of: "r1")
            _ = try lab.load(500, prefix: "k", on: "p") { _ in .zero }
            _ = try lab.startBaseBackup(of: "r1", rate: 512)
            _ = try lab.load(300, prefix: "l", on: "p") { .milliseconds(3 * $0) }
            #expect(lab.wait(.seconds(30)))
            let report = try lab.baseBackup(of: "r2", from: "r1", rate: 1024)
            return (report, try lab.records(of: "r2"), lab.takeEvents())
        }
        let first = try run()
        let second = try run()
        #expect(first.0 == second.0)
        #expect(first.1 == second.1)
        #expect(first.2 == second.2)
    }
}
