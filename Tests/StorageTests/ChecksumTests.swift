import TableFormat
import TestSupport
import Testing
import WALFormat

@testable import Storage

struct ChecksumTests {
    /// Block 0 of `kv(key text, value text)` as PostgreSQL 15 with data checksums left it on disk:
    /// three rows inserted, one deleted, one updated.
    private static let realPage: [UInt8] =
        hex(
            "000000007076770199bc00002800681f00200420d6020000"
                + "e09f4000b89f4200909f4400689f4400")
        + [UInt8](repeating: 0, count: 8040 - 40)
        + hex(
            "d702000000000000000000000000000004000280022818000d6b65793a33096e6577000000000000"
                + "d5020000d7020000000000000000000004000240020118000d6b65793a3309767676000000000000"
                + "d5020000d6020000000000000000000002000220020518000d6b65793a3207767600000000000000"
                + "d502000000000000000000000000000001000200020918000d6b65793a310576")

    @Test func `the checksum of a real PostgreSQL page is the one it carries`() throws {
        #expect(Self.realPage.count == 8192)
        let page = try HeapPage(sealed: Self.realPage, block: 0)
        #expect(page.checksum(block: 0) == 0xBC99)
        #expect(page.storedChecksum == 0)
        #expect(page.sealed(block: 0) == Self.realPage)
        #expect(throws: PageError.self) { try HeapPage(sealed: Self.realPage, block: 1) }
    }

    @Test func `pages carry their checksum on disk and nowhere else`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        for number in 1...200 { try node.set("key\(number)", "some value or other") }
        try node.stop()
        let file = try #require(fileSystem.snapshot["base/5/16384"])
        #expect(file.count == 2 * 8192)
        for (block, page) in node.database.pages.enumerated() {
            #expect(page.storedChecksum == 0)
            let bytes = Array(file[block * 8192..<(block + 1) * 8192])
            let number = UInt32(block)
            #expect(bytes == page.sealed(block: number))
            #expect(try HeapPage(sealed: bytes, block: number) == page)
        }
        let images = try WALOnDisk(fileSystem).records.flatMap(\.record.blocks).compactMap(\.image)
        #expect(!images.isEmpty)
        #expect(images.allSatisfy { $0.bytes[8] == 0 && $0.bytes[9] == 0 })
    }

    @Test func `a page that rotted on disk keeps the node from starting, unless told to ignore it`()
        throws
    {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            for number in 1...200 { try node.set("key\(number)", "some value or other") }
            try node.stop()
        }
        try fileSystem.flipBit(of: "base/5/16384", at: 8192 + 8100, bit: 2)
        let failure = #expect(throws: OpenFailure.self) { try TestNode(fileSystem) }
        let text = failure?.description ?? ""
        #expect(text.contains("page 1 of the table is torn or damaged: checksum"))
        let directory = try DataDirectory.open(fileSystem)
        let found = try Recovery.run(directory, at: TestNode.start, ignoringDamage: true)
        #expect(found.report.ignoredDamage.map(\.block) == [1])
        #expect((190...200).contains(found.database.keyCount))
    }
}
