import Glibc
import Testing
import WALFormat

@testable import Storage

/// At every edge of a disk the power goes; see `CrashInspector`. A run looks at 5,000 disks at
/// least, one with SHIPLOG_EXHAUSTIVE=1 at twenty times as many.
struct CrashImageTests {
    private static let seeds: [UInt64] =
        getenv("SHIPLOG_EXHAUSTIVE") == nil ? Array(1...5) : Array(1...100)

    /// Nothing is ever truncated, and directories are made before anything is promised.
    private static let calls: [DiskEdge.Call] = [
        .write, .create, .rename, .remove, .syncData, .sync, .syncDirectory,
    ]

    @Test func `whenever the power goes, a primary and a standby keep their promises`() async throws
    {
        typealias Checked = [CrashInspector.Moment: Int]
        let checked = try await withThrowingTaskGroup(of: Checked.self) { group in
            for seed in Self.seeds {
                group.addTask { try Self.primary(seed) }
                group.addTask { try Self.standby(seed) }
            }
            return try await group.reduce(into: Checked()) { $0.merge($1) { $0 + $1 } }
        }
        #expect(checked.values.reduce(0, +) >= 5_000)
        for call in Self.calls {
            for survival in Survival.allCases {
                let moment = CrashInspector.Moment(call: call, survival: survival)
                #expect(checked[moment, default: 0] > 0, "\(call), of which \(survival) survives")
            }
        }
    }

    private static func primary(_ seed: UInt64) throws -> [CrashInspector.Moment: Int] {
        var history = try PrimaryHistory(seed: seed)
        try history.run(steps: 110)
        #expect(history.inspector.recoveriesCutShort > 50)
        return history.inspector.checked
    }

    private static func standby(_ seed: UInt64) throws -> [CrashInspector.Moment: Int] {
        var history = try StandbyHistory(seed: seed)
        try history.run(steps: 20)
        try history.promote(steps: 20)
        return history.inspector.checked
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
