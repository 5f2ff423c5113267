import Glibc
import Testing
import WALFormat

@testable import Storage

/// At every edge of a disk the power goes; see `CrashInspector`. A run looks at some 5,500 disks,
/// one with SHIPLOG_EXHAUSTIVE=1 at twenty times as many.
struct CrashImageTests {
    private static let seeds: [UInt64] =
        getenv("SHIPLOG_EXHAUSTIVE") == nil ? Array(1...5) : Array(1...100)

    @Test(arguments: seeds)
    func `a primary keeps its promises whenever the power goes`(seed: UInt64) throws {
        var history = try PrimaryHistory(seed: seed)
        try history.run(steps: 110)
        #expect(history.inspector.imageCount > 300)
        #expect(history.inspector.recoveriesCutShort > 50)
    }

    @Test(arguments: seeds)
    func `a standby keeps its promises whenever the power goes`(seed: UInt64) throws {
        var history = try StandbyHistory(seed: seed)
        try history.run(steps: 20)
        try history.promote(steps: 20)
        #expect(history.inspector.imageCount > 200)
    }

    /// Nothing was promised yet: what is found is a whole directory, or none.
    @Test(arguments: [false, true])
    func `a directory half made is not taken for one`(asClone: Bool) throws {
        let source = try TestNode.fresh()
        let target = MemoryFileSystem()
        let disks = Disks()
        target.observeEdges { _, disk in disks.append(disk) }
        if asClone {
            try Initialization.cloneCold(from: source, to: target)
        } else {
            try Initialization.create(
                on: target,
                .init(systemIdentifier: TestNode.systemIdentifier, time: TestNode.start))
        }
        var whole = 0
        for (number, disk) in disks.all.enumerated() {
            for survival in Survival.allCases {
                let found = MemoryFileSystem(
                    disk.afterPowerLoss(survival, seed: UInt64(number)))
                do {
                    let node = try TestNode(found)
                    #expect(node.database.isReadOnly == asClone)
                    whole += 1
                } catch OpenFailure.notADataDirectory {}
            }
        }
        #expect(whole > 0)
        #expect(try TestNode(target.crash(.nothing, seed: 0)).database.isReadOnly == asClone)
    }
}
