import Storage
import Testing
import WALFormat

/// A recovery that is only looked at.
struct RehearsalTests {
    /// Every file of a directory, byte for byte.
    private func files(_ fileSystem: any FileSystem, _ path: String = "") throws -> [String:
        [UInt8]]
    {
        var files: [String: [UInt8]] = [:]
        for name in try fileSystem.list(path) {
            let inner = path.isEmpty ? name : path + "/" + name
            if let bytes = try? fileSystem.contents(of: inner) {
                files[inner] = bytes
            } else {
                files.merge(try self.files(fileSystem, inner)) { $1 }
            }
        }
        return files
    }

    private func crashed() throws -> MemoryFileSystem {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.set("a", "1")
        try node.checkpoint()
        try node.set("a", "2")
        try node.set("b", "3")
        let open = node.database.begin()
        try node.database.put("c", "4", xid: open)
        try node.flush()
        return fileSystem
    }

    @Test func `it finds what recovery finds, and not a byte is another`() throws {
        let fileSystem = try crashed()
        let before = try files(fileSystem)
        #expect(before.count > 4)
        let found = try Recovery.rehearsal(of: fileSystem)
        #expect(try files(fileSystem) == before)
        #expect(found.database.rows().map(\.key) == ["a", "b"])
        #expect(found.database.get("a") == "2")
        let recovered = try TestNode(fileSystem)
        #expect(recovered.database.rows().map(\.value) == found.database.rows().map(\.value))
        #expect(recovered.report == found.report)
        #expect(try files(fileSystem) != before)
    }

    @Test func `it works beside who has the directory open`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.set("a", "1")
        #expect(try Recovery.rehearsal(of: fileSystem).database.get("a") == "1")
        try node.set("a", "2")
        #expect(try Recovery.rehearsal(of: fileSystem).database.get("a") == "2")
    }

    @Test func `what recovery refuses it refuses`() throws {
        let fileSystem = try crashed()
        try fileSystem.flipBit(of: "global/shiplog_control", at: 50, bit: 3)
        let before = try files(fileSystem)
        #expect(throws: OpenFailure.self) { try Recovery.rehearsal(of: fileSystem) }
        #expect(try files(fileSystem) == before)
        #expect(throws: OpenFailure.self) { try Recovery.rehearsal(of: MemoryFileSystem()) }
    }
}
