import Storage
import Testing
import WALFormat

/// What was committed stays known when the log that says so is removed.
struct RemovedCommitsTests {
    /// Two nodes do the same; one of them removes its log.
    private struct Twins {
        let removedCommits = RemovedCommits()
        let disks: [MemoryFileSystem]
        var nodes: [TestNode]

        init() throws {
            disks = [try TestNode.fresh(), try TestNode.fresh()]
            nodes = []
            try open()
        }

        mutating func open() throws {
            nodes = []
            nodes = [
                try TestNode(disks[0], removedCommits: removedCommits), try TestNode(disks[1]),
            ]
        }

        mutating func both(_ body: (inout TestNode) throws -> Void) rethrows {
            for index in nodes.indices { try body(&nodes[index]) }
        }

        func remove() throws {
            try nodes[0].perform(.removeWAL(before: nodes[0].database.insertLSN))
        }

        /// What the one without a past says, and what the other's log has from the beginning.
        func accounts() throws -> (kept: [WALOnDisk.Transaction], read: [WALOnDisk.Transaction]) {
            (
                try CommittedLog(disks[0], removedCommits).transactions,
                try WALOnDisk(disks[1]).transactions()
            )
        }
    }

    @Test(arguments: [true, false])
    func `it gives the account that the whole log gives`(writesFullPages: Bool) throws {
        var twins = try Twins()
        try twins.both { _ = try $0.database.setFullPageWrites(writesFullPages) }
        let value = String(repeating: "x", count: 6_000)
        for round in 0..<4 {
            for number in 0..<200 {
                try twins.both { try $0.set("key\(number % 50)", "\(round).\(number)" + value) }
            }
            // A transaction that the removal cuts in two.
            var open = TransactionID.invalid
            try twins.both { node in
                open = node.database.begin()
                try node.database.put("open", "\(round)", xid: open)
                try node.checkpoint()
            }
            try twins.remove()
            try twins.both { node in
                try node.database.put("open too", "\(round)", xid: open)
                _ = try node.database.commit(open, at: TestNode.start)
                try node.flush()
            }
            let (kept, read) = try twins.accounts()
            #expect(kept == read, "round \(round)")
            if round == 1 { try twins.open() }
        }
        let kept = try WALOnDisk(twins.disks[0])
        #expect(kept.transactions().count < kept.records.count)
        #expect(try #require(kept.records.first).start > LSN(0x300000), "nothing was removed")
    }

    @Test func `what was kept on another's timeline counts for nothing`() throws {
        let disk = try TestNode.fresh()
        let copy = try TestNode.clone(of: disk)
        let removedCommits = RemovedCommits()
        var old = try TestNode(disk, removedCommits: removedCommits)
        try old.set("shared", "1")
        var new = try TestNode(copy)
        try new.follow(old)
        let fork = try new.promote()
        let value = String(repeating: "x", count: 6_000)
        for number in 0..<200 { try old.set("lost", "\(number)" + value) }
        try old.checkpoint()
        try old.perform(.removeWAL(before: old.database.insertLSN))
        try new.set("new", "1")
        let own = try CommittedLog(disk, removedCommits).transactions
        #expect(own.filter { $0.commitStart >= fork }.count == 200)
        let other = try CommittedLog(copy, removedCommits).transactions
        #expect(other.last?.changes.map(\.key) == ["new"])
        #expect(!other.contains { $0.timeline == .first && $0.commitStart >= fork })
    }

    @Test func `a log that cannot be read is not removed`() throws {
        let disk = try TestNode.fresh()
        let node = try TestNode(disk, removedCommits: RemovedCommits())
        var log = node
        for number in 0..<200 {
            try log.set("k", String(repeating: "x", count: 6_000) + "\(number)")
        }
        try log.checkpoint()
        let faults = disk.crash(.everything, seed: 0)
        let other = try DataDirectory.open(faults, removedCommits: RemovedCommits())
        try faults.rename("global/shiplog_control", to: "global/away")
        #expect(
            other.perform(.removeWAL(before: log.database.insertLSN)) == .segmentsRemoved([]))
        try faults.rename("global/away", to: "global/shiplog_control")
        #expect(
            other.perform(.removeWAL(before: log.database.insertLSN))
                == .segmentsRemoved(["000000010000000000000001"]))
    }

    /// A page that one of them changed differently, or has not come to, is not the other's.
    @Test func `nodes that share what they say alike each say what their own log said`() throws {
        let shared = SharedCommits()
        let disks = [try TestNode.fresh(), try TestNode.fresh(), try TestNode.fresh()]
        let removed = disks.map { _ in RemovedCommits(sharing: shared) }
        var nodes = try zip(disks, removed).map { try TestNode($0, removedCommits: $1) }
        let alone = try TestNode.fresh()
        var reference = try TestNode(alone)
        let value = String(repeating: "x", count: 6_000)
        for round in 0..<3 {
            for number in 0..<120 {
                let (key, own) = ("key\(number % 30)", "\(round).\(number)" + value)
                try nodes[0].set(key, own)
                try nodes[1].set(key, own)
                try nodes[2].set(key, number == 60 && round == 1 ? "other" + value : own)
                try reference.set(key, own)
            }
            for index in nodes.indices {
                try nodes[index].checkpoint()
                // They remove at different times.
                guard (index + round) % 3 != 0 || round == 2 else { continue }
                try nodes[index].perform(.removeWAL(before: nodes[index].database.insertLSN))
            }
            try reference.checkpoint()
        }
        let whole = try WALOnDisk(alone).transactions()
        for index in 0..<2 {
            #expect(try CommittedLog(disks[index], removed[index]).transactions == whole)
        }
        let third = try CommittedLog(disks[2], removed[2]).transactions
        #expect(third.count == whole.count)
        let different = zip(third, whole).filter { $0.changes != $1.changes }
        #expect(different.map(\.0.changes.first?.value) == ["other" + value])
    }
}
