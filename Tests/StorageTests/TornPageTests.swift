import TableFormat
import Testing
import WALFormat

@testable import Storage

/// The power goes while a checkpoint writes pages; of each page some sectors are new, some old.
struct TornPageTests {
    /// A disk for each edge of a checkpoint's page writes, and the rows it must have.
    private func disks(fullPageWrites: Bool) throws -> (disks: [MemoryDisk], rows: [String: String])
    {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.database.setFullPageWrites(fullPageWrites)
        for number in 1...300 { try node.set("key\(number)", "old value \(number)") }
        try node.checkpoint()
        for number in stride(from: 1, to: 300, by: 10) {
            try node.set("key\(number)", "new value \(number)")
        }
        let plan = node.database.checkpoint(at: TestNode.start)
        try node.flush()
        let found = Disks()
        fileSystem.observeEdges { edge, disk in
            if edge.path == "base/5/16384" { found.append(disk) }
        }
        try node.perform(.checkpoint(plan))
        return (found.all, node.rows)
    }

    @Test func `with full-page images every torn page is restored`() throws {
        let (disks, rows) = try disks(fullPageWrites: true)
        var restored = 0
        for (number, disk) in disks.enumerated() {
            for seed in 0..<6 {
                let draw = UInt64(number * 100 + seed)
                let found = MemoryFileSystem(disk.afterPowerLoss(.sectors, seed: draw))
                let node = try TestNode(found)
                #expect(node.rows == rows)
                restored += node.report.restoredPages.count
            }
        }
        #expect(restored > 0)
    }

    @Test func `without them a torn page is detected, and never served as if it were sound`() throws
    {
        let (disks, rows) = try disks(fullPageWrites: false)
        var torn = 0
        for (number, disk) in disks.enumerated() {
            for seed in 0..<6 {
                let draw = UInt64(number * 100 + seed)
                let found = MemoryFileSystem(disk.afterPowerLoss(.sectors, seed: draw))
                do {
                    #expect(try TestNode(found).rows == rows)
                } catch OpenFailure.unreplayable(.damaged(let damage, _)) {
                    #expect(damage.description.hasPrefix("page \(damage.block) of the table is"))
                    torn += 1
                }
            }
        }
        #expect(torn > 0)
    }

    /// What the checksum keeps from happening: a page whose header is new and whose rows are old
    /// says by its LSN that it needs no redo.
    @Test func `ignoring the damage serves a table that has lost rows without a word`() throws {
        let (disks, rows) = try disks(fullPageWrites: false)
        var wrong = 0
        for (number, disk) in disks.enumerated() {
            for seed in 0..<6 {
                let draw = UInt64(number * 100 + seed)
                let found = MemoryFileSystem(disk.afterPowerLoss(.sectors, seed: draw))
                let directory = try DataDirectory.open(found)
                let node = try? Recovery.run(directory, at: TestNode.start, ignoringDamage: true)
                guard let node, !node.report.ignoredDamage.isEmpty else { continue }
                let served = Dictionary(
                    node.database.rows().map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
                if served != rows { wrong += 1 }
            }
        }
        #expect(wrong > 0)
    }

    @Test func `the switch stands in the log: it survives a crash and reaches the standby`() throws
    {
        let fileSystem = try TestNode.fresh()
        let copy = try TestNode.clone(of: fileSystem)
        var standby = try TestNode(copy)
        do {
            var node = try TestNode(fileSystem)
            #expect(node.database.fullPageWrites)
            let inserted = try node.database.setFullPageWrites(false)
            #expect(inserted != nil)
            #expect(try node.database.setFullPageWrites(false) == nil)
            try node.set("a", "1")
            try standby.follow(node)
            #expect(!standby.database.fullPageWrites)
            #expect(throws: TableError.readOnly) {
                try standby.database.setFullPageWrites(true)
            }
        }
        var again = try TestNode(fileSystem)
        #expect(!again.database.fullPageWrites)
        let checkpoints = try WALOnDisk(fileSystem).records.compactMap { entry -> Bool? in
            guard case .checkpoint(let content, _) = entry.record.body else { return nil }
            return content.fullPageWrites
        }
        #expect(checkpoints == [true, false])
        try again.database.setFullPageWrites(true)
        try again.set("a", "2")
        #expect(try TestNode(fileSystem.crash(.nothing, seed: 1)).database.fullPageWrites)
    }

    @Test func `without full-page writes only new pages carry images`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.database.setFullPageWrites(false)
        try node.set("a", "1")
        try node.checkpoint()
        try node.set("a", "2")
        try node.set("b", String(repeating: "x", count: 8100))
        let blocks = try WALOnDisk(fileSystem).records.flatMap(\.record.blocks)
        #expect(blocks.map { $0.image != nil } == [true, false, true])
    }
}
