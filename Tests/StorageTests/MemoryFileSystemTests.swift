import Glibc
import Testing

@testable import Storage

struct MemoryFileSystemTests {
    private let files = MemoryFileSystem()

    /// The distinct states of a file that 300 draws of a power loss give; nil: no such file.
    private func states(of path: String, _ survival: Survival) -> Set<[UInt8]?> {
        Set((0..<300).map { files.crash(survival, seed: $0).snapshot[path] })
    }

    @Test func `it reads, writes, renames and lists as a real disk does`() throws {
        try files.makeDirectory("sub")
        try files.makeDirectory("sub")
        try files.replace("sub/b", with: [1, 2, 3])
        try files.replace("sub/a", with: [])
        #expect(try files.list("sub") == ["a", "b"])
        #expect(try files.list("") == ["sub"])
        let file = try files.open("sub/b", .readWrite)
        try file.write([9, 9], at: 5)
        #expect(try file.read(at: 1, count: 100) == [2, 3, 0, 0, 9, 9])
        try file.truncate(to: 2)
        #expect(try file.size() == 2)
        try files.rename("sub/b", to: "c")
        #expect(try files.contents(of: "c") == [1, 2])
        try files.remove("c")
        #expect(try file.read(at: 0, count: 9) == [1, 2], "open files outlive their names")
        #expect(try files.contentsIfPresent(of: "c") == nil)
        for failing in ["nowhere/a", "c", "sub"] {
            #expect(throws: IOFailure.self) { try files.open(failing, .readWrite) }
        }
        #expect(throws: IOFailure(.open, "no/a", code: ENOENT)) { try files.open("no/a", .create) }
        #expect(throws: IOFailure(.rename, "c", code: ENOENT)) { try files.rename("c", to: "d") }
        #expect(throws: IOFailure(.remove, "c", code: ENOENT)) { try files.remove("c") }
        #expect(throws: IOFailure(.list, "sub/a", code: ENOTDIR)) { try files.list("sub/a") }
        #expect(throws: IOFailure(.write, "sub/a", code: EBADF)) {
            try files.open("sub/a", .readOnly).write([1], at: 0)
        }
    }

    @Test func `what was synced survives, its name too only after a sync of the directory`() throws
    {
        let file = try files.open("a", .create)
        try file.write([1, 2, 3], at: 0)
        try file.sync()
        #expect(states(of: "a", .nothing) == [nil])
        #expect(states(of: "a", .sectors) == [nil, [1, 2, 3]])
        try files.syncDirectory("")
        for survival in Survival.allCases {
            #expect(states(of: "a", survival) == [[1, 2, 3]])
        }
    }

    @Test func `without a sync each survival leaves what it says`() throws {
        try files.replace("a", with: [UInt8](repeating: 0, count: 1024))
        let file = try files.open("a", .readWrite)
        try file.write([1, 1], at: 511)
        try file.write([2], at: 0)
        func state(_ first: UInt8, _ last: UInt8, _ next: UInt8) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 1024)
            (bytes[0], bytes[511], bytes[512]) = (first, last, next)
            return bytes
        }
        #expect(states(of: "a", .nothing) == [state(0, 0, 0)])
        #expect(states(of: "a", .everything) == [state(2, 1, 1)])
        #expect(
            states(of: "a", .prefix) == [
                state(0, 0, 0), state(0, 1, 0), state(0, 1, 1), state(2, 1, 1),
            ])
        // The first sector as it was before, between or after its two writes.
        #expect(
            states(of: "a", .sectors) == [
                state(0, 0, 0), state(0, 1, 0), state(2, 1, 0),
                state(0, 0, 1), state(0, 1, 1), state(2, 1, 1),
            ])
    }

    @Test func `a longer file may come back with its length and without its bytes`() throws {
        try files.replace("a", with: [])
        try files.open("a", .readWrite).write([7, 7], at: 0)
        #expect(states(of: "a", .sectors) == [[], [0, 0], [7, 7]])
        #expect(states(of: "a", .prefix) == [[], [7, 7]])
    }

    @Test func `a cut file may come back whole`() throws {
        try files.replace("a", with: [1, 2, 3, 4])
        let file = try files.open("a", .readWrite)
        try file.truncate(to: 1)
        #expect(states(of: "a", .nothing) == [[1, 2, 3, 4]])
        #expect(states(of: "a", .sectors) == [[1, 2, 3, 4], [1]])
        try file.syncData()
        #expect(states(of: "a", .nothing) == [[1]])
    }

    @Test func `renames and removals may come undone one by one`() throws {
        for name in ["a", "b", "c"] { try files.replace(name, with: Array(name.utf8)) }
        try files.rename("a", to: "d")
        try files.remove("b")
        try files.replace("sub.tmp", with: [])
        try files.rename("c", to: "a")
        let found = Set(
            (0..<300).map { files.crash(.sectors, seed: $0).snapshot.keys.sorted() })
        // "sub.tmp" was synced with its directory, and with it the changes before it.
        #expect(found == [["c", "d", "sub.tmp"], ["a", "d", "sub.tmp"]])
        try files.remove("d")
        try files.remove("sub.tmp")
        let later = Set(
            (0..<300).map { files.crash(.sectors, seed: $0).snapshot.keys.sorted() })
        #expect(later.count == 8)
        #expect(files.crash(.nothing, seed: 0).snapshot.keys.sorted() == ["c", "d", "sub.tmp"])
        let prefixes = Set((0..<300).map { files.crash(.prefix, seed: $0).snapshot.count })
        #expect(prefixes == [3, 2, 1])
    }

    @Test func `what lay in a directory that is gone is gone`() throws {
        try files.makeDirectory("sub")
        try files.replace("sub/a", with: [1])
        #expect(files.crash(.nothing, seed: 0).snapshot.isEmpty)
        try files.syncDirectory("")
        #expect(files.crash(.nothing, seed: 0).snapshot == ["sub/a": [1]])
    }

    @Test func `what a failed sync gave up reads as written and is never durable`() throws {
        try files.replace("a", with: [0, 0, 0])
        let file = try files.open("a", .readWrite)
        try file.write([1], at: 0)
        files.planFault(.error(EIO), atEdge: files.edgeCount + 1)
        #expect(throws: IOFailure(.syncData, "a", code: EIO)) { try file.syncData() }
        #expect(try file.read(at: 0, count: 3) == [1, 0, 0])
        try file.syncData()
        #expect(states(of: "a", .everything) == [[0, 0, 0]])
        try file.write([2], at: 1)
        #expect(states(of: "a", .sectors) == [[0, 0, 0], [0, 2, 0]])
        try file.syncData()
        #expect(states(of: "a", .nothing) == [[0, 2, 0]])
    }

    @Test func `edges are counted, and at each a fault can be planned`() throws {
        func run() throws {
            let file = try files.open("a", .create)
            try file.write([1, 2, 3, 4], at: 0)
            try file.syncData()
            try file.sync()
            try file.truncate(to: 1)
            try files.rename("a", to: "b")
            try files.remove("b")
            try files.makeDirectory("c\(files.edgeCount)")
            try files.syncDirectory("")
        }
        let seen = Edges()
        files.observeEdges { edge, _ in seen.append(edge) }
        try run()
        #expect(files.edgeCount == 9)
        #expect(
            seen.all.map(\.call) == [
                .create, .write, .syncData, .sync, .truncate, .rename, .remove, .makeDirectory,
                .syncDirectory,
            ])
        #expect(seen.all[1].description == "2 write a")
        for edge in 1...9 {
            files.planFault(.error(ENOSPC), atEdge: files.edgeCount + edge)
            let failure = #expect(throws: IOFailure.self) { try run() }
            #expect(failure?.kind == .noSpace)
        }
        try run()
    }

    @Test func `a short write leaves its first bytes, a power loss ends everything`() throws {
        let file = try files.open("a", .create)
        files.planFault(.shortWrite(byteCount: 2), atEdge: files.edgeCount + 1)
        #expect(throws: IOFailure(.write, "a", code: ENOSPC)) { try file.write([1, 2, 3], at: 0) }
        #expect(try files.contents(of: "a") == [1, 2])
        files.planFault(.powerLoss, atEdge: files.edgeCount + 1)
        #expect(throws: IOFailure(.syncData, "a", code: ENODEV)) { try file.syncData() }
        #expect(throws: IOFailure(.open, "a", code: ENODEV)) { try files.open("a", .readOnly) }
        #expect(throws: IOFailure.self) { try files.list("") }
        #expect(states(of: "a", .everything) == [[1, 2]])
    }

    @Test func `a lock is held by one, and by nobody after a power loss`() throws {
        var lock: (any OpenFile)? = try files.lock("lock")
        #expect(throws: IOFailure(.lock, "lock", code: EWOULDBLOCK)) { try files.lock("lock") }
        #expect(lock != nil)
        _ = try files.crash(.everything, seed: 0).lock("lock")
        lock = nil
        _ = try files.lock("lock")
    }

    @Test func `files that nobody can reach any more take no room`() throws {
        for number in 0..<50 { try files.replace("a", with: [UInt8(number)]) }
        #expect(files.image.files.count == 1)
    }
}
