import LabClock
import TableFormat
import Testing
import WALFormat

@testable import Storage

struct StandbyTests {
    /// A primary and a standby cloned from it, both running.
    private func pair() throws -> (primary: TestNode, standby: TestNode) {
        let fileSystem = try TestNode.fresh()
        let copy = try TestNode.clone(of: fileSystem)
        return (try TestNode(fileSystem), try TestNode(copy))
    }

    private func segments(_ node: TestNode) -> [String: [UInt8]] {
        let files = (node.fileSystem as? MemoryFileSystem)?.snapshot ?? [:]
        return files.filter { $0.key.hasPrefix("pg_wal/") }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6])
    func `a standby fed with the primary's bytes equals it page for page`(seed: UInt64) throws {
        var random = SeededDraws(seed: seed)
        var (primary, standby) = try pair()
        var open: [TransactionID] = []
        for step in 0..<300 {
            let choice = Int.random(in: 0..<100, using: &random)
            let key = "key\(Int.random(in: 0..<20, using: &random))"
            if choice < 20 {
                open.append(primary.database.begin())
            } else if choice < 75, let xid = open.randomElement(using: &random) {
                let count = Int.random(in: 0..<400, using: &random)
                try? primary.database.put(
                    key, "\(step)" + String(repeating: "v", count: count), xid: xid)
            } else if choice < 80, let xid = open.randomElement(using: &random) {
                _ = try? primary.database.delete(key, xid: xid)
            } else if choice < 95, let xid = open.first {
                open.removeFirst()
                if choice < 85 {
                    _ = try primary.database.abort(xid, at: TestNode.start)
                } else {
                    _ = try primary.database.commit(xid, at: TestNode.start)
                }
            } else if choice == 95 {
                try primary.checkpoint()
            }
            try primary.flush()
            guard choice % 7 == 0 else { continue }
            try standby.follow(primary, pieces: Int.random(in: 1..<5000, using: &random))
            #expect(standby.database.pages == primary.database.pages)
            #expect(standby.database.index == primary.database.index, "step \(step)")
            #expect(standby.database.index == standby.database.rebuiltIndex())
            #expect(standby.rows == primary.rows)
        }
        try standby.follow(primary)
        #expect(standby.database.commitLog == primary.database.commitLog)
        #expect(standby.database.commitCount == primary.database.commitCount)
        // A transaction that wrote nothing is nowhere in the log.
        #expect(standby.database.nextXID <= primary.database.nextXID)
        #expect(standby.database.lastRecordStart == primary.database.lastRecordStart)
        #expect(segments(standby) == segments(primary))
    }

    @Test func `a standby restarted goes on from the end of its own log`() throws {
        var (primary, running) = try pair()
        try primary.set("a", "1")
        try running.follow(primary)
        let fileSystem = running.fileSystem
        let end = running.database.insertLSN
        var standby: TestNode? = running
        running = primary
        standby = nil
        standby = try TestNode(fileSystem)
        #expect(standby?.report.end == end)
        #expect(standby?.database.isReadOnly == true)
        try primary.set("b", "2")
        try standby?.follow(primary)
        #expect(standby?.rows == ["a": "1", "b": "2"])
    }

    @Test func `a record received in part is cut off at restart`() throws {
        let source = try TestNode.fresh()
        let copy = try TestNode.clone(of: source)
        var primary = try TestNode(source)
        try primary.set("a", "1")
        let whole = primary.database.insertLSN
        try primary.set("b", "2")
        do {
            let standby = try TestNode(copy)
            let start = standby.database.insertLSN
            let answer = primary.directory.perform(
                .readWAL(.first, from: start, upTo: whole.advanced(by: 50)))
            guard case .wal(_, let bytes) = answer else {
                Issue.record("\(answer)")
                return
            }
            try standby.perform(.writeWAL(.first, at: start, bytes: bytes))
        }
        var again = try TestNode(copy)
        #expect(again.report.end == whole)
        #expect(again.report.logEnd == .tornTail(at: whole))
        try again.follow(primary)
        #expect(again.rows == ["a": "1", "b": "2"])
        #expect(segments(again) == segments(primary))
    }

    @Test func `a restartpoint shortens the next replay and keeps every row`() throws {
        let source = try TestNode.fresh()
        let copy = try TestNode.clone(of: source)
        var primary = try TestNode(source)
        do {
            var standby = try TestNode(copy)
            expectNoRestartpoint(&standby)
            for number in 1...30 { try primary.set("key\(number)", "value") }
            try primary.checkpoint()
            try primary.set("last", "one")
            try standby.follow(primary)
            guard let plan = standby.database.restartpoint() else {
                Issue.record("no restartpoint")
                return
            }
            try standby.perform(.checkpoint(plan))
            standby.database.checkpointIsOnDisk(plan)
            expectNoRestartpoint(&standby)
            #expect(plan.control.minimumRecovery == standby.database.insertLSN)
        }
        let again = try TestNode(copy)
        #expect(again.report.recordsReplayed == 4)
        #expect(again.rows == primary.rows)
        #expect(again.database.pages == primary.database.pages)
    }

    @Test func `a restartpoint that the disk refused is wanted until the disk has it`() throws {
        let source = try TestNode.fresh()
        let copy = try TestNode.clone(of: source)
        var primary = try TestNode(source)
        var standby = try TestNode(copy)
        try primary.set("key", "value")
        try primary.checkpoint()
        try standby.follow(primary)
        let refused = try #require(restartpoint(of: &standby))
        #expect(refused.pages.count == 1)
        // The disk owes the page of the plan that it refused; this one only moves the redo point.
        let again = try #require(restartpoint(of: &standby))
        #expect(again.pages.isEmpty)
        #expect(again.control == refused.control)
        try standby.perform(.checkpoint(refused))
        standby.database.checkpointIsOnDisk(refused)
        expectNoRestartpoint(&standby)
    }

    private func restartpoint(of node: inout TestNode) -> CheckpointPlan? {
        node.database.restartpoint()
    }

    private func expectNoRestartpoint(_ node: inout TestNode) {
        let plan = node.database.restartpoint()
        #expect(plan == nil)
    }

    @Test func `a standby stopped cleanly says so and comes back as one`() throws {
        let copy = try TestNode.clone(of: try TestNode.fresh())
        do {
            var standby = try TestNode(copy)
            #expect(standby.directory.control.state == .inArchiveRecovery)
            try standby.stop()
            #expect(standby.directory.control.state == .shutDownInRecovery)
        }
        #expect(try TestNode(copy).database.isReadOnly)
    }

    @Test func `a record that makes no sense is refused and changes nothing`() throws {
        var (_, standby) = try pair()
        let before = standby.database
        let patch = try PagePatch(offset: 100, bytes: [1])
        let wrong: [BlockReference] = [
            BlockReference(block: .max, image: PageImage(page: HeapPage().bytes)),
            BlockReference(block: 0, data: PagePatch.encode([patch])),
            BlockReference(block: 0, image: PageImage(page: [UInt8](repeating: 9, count: 8192))),
        ]
        for reference in wrong {
            let record = WALRecord(xid: TransactionID(9), body: .generic([reference]))
            #expect(throws: RedoFailure.self) {
                try standby.database.redo(
                    record, start: before.insertLSN, end: before.insertLSN.advanced(by: 80))
            }
            #expect(standby.database.insertLSN == before.insertLSN)
            #expect(standby.database.pages == before.pages)
            #expect(standby.database.nextXID == before.nextXID)
        }
    }
}
