import TableFormat
import Testing
import WALFormat

@testable import Storage

struct ComparisonTests {
    private func pair() throws -> (primary: TestNode, standby: TestNode) {
        let fileSystem = try TestNode.fresh()
        let copy = try TestNode.clone(of: fileSystem)
        return (try TestNode(fileSystem), try TestNode(copy))
    }

    private func compare(_ left: TestNode, _ right: TestNode) throws -> DirectoryComparison {
        try DirectoryComparison(left.fileSystem, right.fileSystem)
    }

    @Test func `a standby that has all of it is identical, and the counts say of what`() throws {
        var (primary, standby) = try pair()
        for number in 1...200 { try primary.set("key\(number)", "some value or other") }
        try standby.follow(primary)
        let found = try compare(primary, standby)
        #expect(found.outcome == .identical)
        #expect(found.through == primary.database.insertLSN)
        #expect(found.ends == [found.through, found.through])
        #expect(found.pageCount == primary.database.pages.count)
        #expect(found.commitLogPageCount == 1)
        #expect(found.walByteCount == found.through - LSN(0x100000))
        #expect(found.divergence == nil)
    }

    /// One node has written its pages and the other has not, the one behind or the one ahead.
    @Test(arguments: [true, false], [true, false])
    func `checkpoints at different positions make no difference`(
        primaryWrites: Bool, standbyWrites: Bool
    ) throws {
        var (primary, standby) = try pair()
        for number in 1...60 { try primary.set("key\(number % 25)", "value \(number)") }
        try standby.follow(primary)
        let common = standby.database.insertLSN
        for number in 1...60 { try primary.set("key\(number % 40)", "later \(number)") }
        if primaryWrites { try primary.checkpoint() }
        if standbyWrites { try standby.perform(.checkpoint(standby.database.plan(.inProduction))) }
        let found = try compare(primary, standby)
        #expect(found.outcome == .identical)
        #expect(found.through == common)
        #expect(found.pageCount == standby.database.pages.count)
        #expect(found.ends[0] > found.ends[1])
        #expect(try compare(standby, primary).outcome == .identical)
    }

    @Test func `the first differing byte of the log is named by file and offset`() throws {
        var (primary, standby) = try pair()
        for number in 1...20 { try primary.set("key\(number)", "value") }
        try standby.follow(primary)
        let segment = "pg_wal/000000010000000000000001"
        let flipped = try standby.fileSystem.flipBit(of: segment, at: 1000, bit: 3)
        let found = try compare(primary, standby)
        #expect(
            found.outcome
                == .different(
                    .init(
                        file: segment, offset: 1000, left: flipped.before, right: flipped.after)))
        #expect(found.through <= LSN(0x100000 + 1000))
    }

    @Test func `a row that only one side has is found on its page`() throws {
        var (primary, standby) = try pair()
        for number in 1...20 { try primary.set("key\(number)", "value") }
        try primary.checkpoint()
        try standby.follow(primary)
        // A page written by something that is no part of the log.
        var page = primary.database.pages[0]
        page.markDeleted(item: 7, xmax: TransactionID(4000))
        var stray = primary.database
        stray.set(page, 0)
        try primary.perform(.checkpoint(stray.plan(.inProduction)))
        // The first of its bytes is the header's hint that something can be pruned, 4000 = 0xFA0.
        let hint = DirectoryComparison.Difference(
            file: "base/5/16384", offset: 20, left: 0xA0, right: 0)
        #expect(try compare(primary, standby).outcome == .different(hint))
    }

    @Test func `after a failover both are identical up to the fork`() throws {
        var (primary, standby) = try pair()
        for number in 1...30 { try primary.set("key\(number)", "value") }
        try standby.follow(primary)
        let fork = try standby.promote()
        for number in 1...30 { try primary.set("key\(number)", "lost \(number)") }
        for number in 1...30 { try standby.set("key\(number)", "new \(number)") }
        try primary.checkpoint()
        try standby.checkpoint()
        let found = try compare(primary, standby)
        #expect(found.outcome == .identical)
        #expect(found.through == fork)
        #expect(found.divergence == fork)
    }

    @Test func `a page whose past is gone cannot be known`() throws {
        var (primary, standby) = try pair()
        try primary.set("key", "value")
        try primary.checkpoint()
        try standby.follow(primary)
        // The page changes without an image, is written, and the log of its first image goes.
        try primary.database.setFullPageWrites(false)
        _ = try primary.database.switchSegment()
        try primary.flush()
        try primary.checkpoint()
        let common = primary.database.insertLSN
        try standby.follow(primary)
        try primary.set("key", "newer")
        try primary.checkpoint()
        try primary.perform(.removeWAL(before: primary.database.insertLSN))
        let found = try compare(primary, standby)
        #expect(found.through == common)
        #expect(
            found.outcome
                == .unknowable(block: 0, pageLSN: primary.database.pages[0].lsn))
    }

    @Test func `a directory that cannot be read is named`() throws {
        let (primary, _) = try pair()
        let failure = #expect(throws: ComparisonFailure.self) {
            try DirectoryComparison(primary.fileSystem, MemoryFileSystem())
        }
        #expect(failure?.isLeft == false)
    }
}
