import Cluster
import DatabaseNode
import Storage
import Testing
import WALFormat
import WireProtocol

/// Transactions, checkpoints and failing disks, on both kinds of disk.
struct DiskTests {
    private static func lab(_ usesMemory: Bool) throws -> Lab {
        try watchedLab(LabOptions(replicas: 1, usesMemory: usesMemory))
    }

    @Test(arguments: [false, true])
    func `an uncommitted write is shipped, seen by nobody, and gone after a crash`(
        usesMemory: Bool
    ) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        let before = try #require(lab.snapshot()["r1"]?.positions?.flush)
        _ = try lab.begin(on: "p")
        let write = try lab.write("a", "2", on: "p")
        #expect(write.isInTransaction)
        #expect(try lab.read("a", on: "p").value == "2")
        #expect(try lab.read("a", on: "r1").value == "1")
        #expect(try #require(lab.snapshot()["r1"]?.positions?.flush) > before)
        _ = try lab.crash("p", deliversWire: false)
        #expect(lab.openTransaction == nil)
        _ = try lab.restart("p")
        #expect(try lab.read("a", on: "p").value == "1")
        let loss = try lab.lost()
        #expect(loss.acknowledgedCount == 1)
        #expect(loss.lost.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a commit of several writes is one OK, and a rollback leaves nothing`(
        usesMemory: Bool
    ) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.begin(on: "p")
        for key in ["a", "b", "a"] { _ = try lab.write(key, "x", on: "p") }
        let report = try lab.commit()
        #expect(report.isCommitted)
        #expect(report.writeCount == 3)
        #expect(try lab.read("b", on: "r1").value == "x")
        _ = try lab.begin(on: "p")
        _ = try lab.write("c", "x", on: "p")
        #expect(try lab.rollBack().isCommitted == false)
        #expect(try lab.read("c", on: "p").value == nil)
        #expect(try lab.lost().acknowledgedCount == 2)
        #expect(throws: LabFailure.noTransaction) { try lab.commit() }
    }

    @Test func `a command that is refused leaves nothing going`() throws {
        // The refused one asks the full disk for room once more, and the next one must find that
        // answered: by chance it did not.
        for _ in 1...40 {
            let lab = try watchedLab(LabOptions(replicas: 0, usesMemory: true))
            defer { lab.close() }
            try lab.setDiskFault(.full, on: "p")
            while try lab.load(50, prefix: "k", byteCount: 7_000, on: "p", offset: { _ in .zero })
                .failure == nil
            {}
            #expect(throws: LabFailure.self) { try lab.setFullPageWrites(true) }
            _ = lab.look()
            try lab.setDiskFault(.room(byteCount: 2 << 20), on: "p")
            #expect(lab.look().events.map(\.kind) == [.node(.diskHasRoom)])
        }
    }

    @Test(arguments: [false, true])
    func `no backup begins at a restartpoint that the disk refused`(usesMemory: Bool) throws {
        let lab = try watchedLab(LabOptions(usesMemory: usesMemory))
        defer { lab.close() }
        _ = try lab.promote("r2")
        _ = try lab.write("k", "1", on: "r2")
        try lab.setDiskFault(.full, on: "r1")
        _ = try lab.checkpoint("r2")
        #expect(throws: LabFailure.self) { try lab.checkpoint("r1") }
        // The row is in no file of r1 yet, and the log that made it is behind that redo point.
        #expect(throws: LabFailure.self) { try lab.baseBackup(of: "p", from: "r1") }
        try lab.setDiskFault(.none, on: "r1")
        _ = try lab.baseBackup(of: "p", from: "r1")
        #expect(try lab.read("k", on: "p").value == "1")
    }

    @Test(arguments: [false, true])
    func `recovery begins at the last checkpoint`(usesMemory: Bool) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.load(100, prefix: "k", on: "p") { _ in .zero }
        let checkpoint = try lab.checkpoint("p")
        #expect(checkpoint.pageCount > 0)
        _ = try lab.load(5, prefix: "l", on: "p") { _ in .zero }
        #expect(try lab.checkpoint("r1").isRestartpoint)
        for node in ["p", "r1"] {
            _ = try lab.crash(node, deliversWire: false)
            let report = try lab.restart(node)
            #expect(report.recovery.redoStart == checkpoint.redo, "\(node)")
            #expect(report.recovery.recordsReplayed <= 12, "\(node)")
        }
        #expect(try lab.read("k:100", on: "p").value == "100")
    }

    @Test(arguments: Survival.allCases)
    func `memory forgets what a failed fsync left, whatever else survives`(
        survival: Survival
    ) throws {
        let lab = try Self.lab(true)
        defer { lab.close() }
        _ = try lab.load(20, prefix: "k", on: "p") { _ in .zero }
        try lab.setDiskFault(.syncError, on: "p")
        #expect(throws: LabFailure.self) { try lab.write("late", "1", on: "p") }
        #expect(throws: LabFailure.self) { try lab.write("later", "1", on: "p") }
        #expect(try lab.read("k:20", on: "p").value == "20")
        _ = try lab.crash("p", deliversWire: false, survival: survival)
        _ = try lab.restart("p")
        #expect(try lab.lost().lost.isEmpty)
        #expect(try lab.write("again", "1", on: "p").rowCount == 1)
    }

    @Test(arguments: [false, true])
    func `a torn last record ends the log, and a flipped bit in its middle is corruption`(
        usesMemory: Bool
    ) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.load(20, prefix: "k", on: "p") { _ in .zero }
        let middle = try lab.records(of: "r1")[20].start.advanced(by: 30)
        #expect(throws: LabFailure.isUp("p")) { try lab.damage("p", .tornTail) }
        _ = try lab.crash("p", deliversWire: false)
        #expect(try lab.damage("p", .tornTail).bytesGone > 0)
        _ = try lab.restart("p")
        #expect(try lab.lost().lost.map(\.key) == ["k:20"])
        _ = try lab.crash("r1", deliversWire: false)
        _ = try lab.damage("r1", .walBit(at: middle))
        #expect(throws: LabFailure.self) { try lab.restart("r1") }
    }

    @Test func `vacuum takes away dead rows on every node`() throws {
        let lab = try Self.lab(false)
        defer { lab.close() }
        for round in 0..<10 { _ = try lab.write("k", "\(round)", on: "p") }
        let report = try lab.vacuum("p")
        #expect(report.tuplesRemoved == 9)
        #expect(try lab.vacuum("p").tuplesRemoved == 0)
        #expect(try lab.read("k", on: "r1").value == "9")
        #expect(throws: LabFailure.isReplica("r1")) { try lab.vacuum("r1") }
    }

    @Test(arguments: [false, true])
    func `a full disk refuses writes and serves reads until there is room`(
        usesMemory: Bool
    ) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.load(5_000, prefix: "a", on: "p") { _ in .zero }
        try lab.setDiskFault(.full, on: "p")
        let load = try lab.load(5_000, prefix: "b", on: "p") { _ in .zero }
        #expect(load.acknowledged < 5_000)
        guard case .server(_, let error) = load.failure else {
            Issue.record("not refused by the server: \(String(describing: load.failure))")
            return
        }
        #expect(error.code == .diskFull)
        #expect(throws: LabFailure.self) { try lab.write("more", "1", on: "p") }
        #expect(try lab.read("a:5000", on: "p").value == "5000")
        try lab.setDiskFault(.none, on: "p")
        #expect(try lab.write("more", "1", on: "p").rowCount == 1)
        let loss = try lab.lost()
        #expect(loss.acknowledgedCount == 5_001 + load.acknowledged)
        #expect(loss.lost.isEmpty)
        #expect(try lab.read("more", on: "r1").value == "1")
    }

    @Test(arguments: [false, true])
    func `a checkpoint that finds the disk full fails alone, and the next one has its pages`(
        usesMemory: Bool
    ) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        _ = try lab.load(500, prefix: "k", on: "p") { _ in .zero }
        try lab.setDiskFault(.full, on: "p")
        let failure = #expect(throws: LabFailure.self) { try lab.checkpoint("p") }
        guard case .disk("p", let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(reason.isLackOfRoom)
        #expect(lab.snapshot()["p"]?.isUp == true)
        // The log has room in its segment.
        #expect(try lab.write("k:1", "new", on: "p").rowCount == 1)
        try lab.setDiskFault(.none, on: "p")
        let next = try lab.checkpoint("p")
        _ = try lab.crash("p", deliversWire: false)
        #expect(try lab.restart("p").recovery.redoStart == next.redo)
        #expect(try lab.read("k:500", on: "p").value == "500")
        #expect(try lab.read("k:1", on: "p").value == "new")
    }

    @Test func `after a failed fsync a checkpoint fails as well, and a stop still ends`() throws {
        let lab = try Self.lab(true)
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        try lab.setDiskFault(.syncError, on: "p")
        #expect(throws: LabFailure.self) { try lab.checkpoint("p") }
        #expect(throws: LabFailure.self) { try lab.write("b", "1", on: "p") }
        _ = try lab.stop("p")
        _ = try lab.restart("p")
        #expect(try lab.read("a", on: "p").value == "1")
        #expect(try lab.read("b", on: "p").value == nil)
    }

    @Test func `a replica whose fsync failed asks no upstream for the same WAL again`() throws {
        let lab = try watchedLab(LabOptions(replicas: 2, usesMemory: true))
        defer { lab.close() }
        _ = try lab.follow("r2", "r1")
        try lab.setDiskFault(.syncError, on: "r2")
        _ = try lab.write("a", "1", on: "p")
        _ = try lab.promote("r1")
        _ = try lab.crash("r1", deliversWire: false)
        _ = try lab.restart("r1")
        #expect(lab.wait(.seconds(5)))
        let seen = try #require(lab.snapshot()["r2"])
        #expect(seen.reception == .connecting)
        #expect(seen.positions.map { $0.write <= $0.insert } == true)
    }

    @Test(arguments: [false, true])
    func `after a failed fsync nothing is shown that was never acknowledged`(
        usesMemory: Bool
    ) throws {
        let lab = try Self.lab(usesMemory)
        defer { lab.close() }
        for key in ["old", "gone"] { _ = try lab.write(key, "1", on: "p") }
        _ = try lab.begin(on: "p")
        for key in ["old", "new"] { _ = try lab.write(key, "2", on: "p") }
        _ = try lab.write("gone", nil, on: "p")
        try lab.setDiskFault(.syncError, on: "p")
        #expect(throws: LabFailure.self) { try lab.commit() }
        let seen = try ["old", "new", "gone"].map { try lab.read($0, on: "p").value }
        #expect(seen == ["1", nil, "1"])
        let node = try #require(lab.snapshot()["p"])
        #expect(node.positions?.commits == 2)
        #expect(!node.isUp)
        let unknown = try lab.lost().unknown
        #expect(unknown.count == 3 && unknown.allSatisfy { !$0.survived })
    }

    @Test func `a replica with a full disk falls behind and catches up when there is room`() throws
    {
        let lab = try Self.lab(false)
        defer { lab.close() }
        try lab.setDiskFault(.full, on: "r1")
        // Cut off first: then all of it comes at once, in many pieces.
        try lab.partition("r1")
        _ = try lab.load(12_000, prefix: "a", on: "p") { _ in .zero }
        _ = try lab.heal("r1")
        #expect(try lab.read("a:12000", on: "r1").value == nil)
        try lab.setDiskFault(.none, on: "r1")
        #expect(lab.wait(.seconds(5)))
        #expect(try lab.read("a:12000", on: "r1").value == "12000")
        let positions = lab.snapshot().nodes.compactMap(\.positions)
        #expect(positions.map(\.flush) == [positions[0].flush, positions[0].flush])
    }
}
