import Testing

@testable import Storage

/// What memory shows when the process that used it is gone, and the kernel is not.
struct ProcessEndTests {
    @Test func `what was written and not synced is there, and nobody holds the lock`() throws {
        let disk = MemoryFileSystem()
        let file = try disk.open("a", .create)
        try file.write([1, 2, 3][...], at: 0)
        let lock = try disk.lock("lock")
        defer { withExtendedLifetime(lock) {} }
        let after = disk.afterProcessEnd()
        #expect(try after.contents(of: "a") == [1, 2, 3])
        #expect(after.unsyncedByteCount == 3)
        _ = try after.lock("lock")
    }
}
