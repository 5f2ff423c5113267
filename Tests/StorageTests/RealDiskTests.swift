import Glibc
import Storage
import Testing
import WALFormat

/// What only the operating system's own files can show.
struct RealDiskTests {
    /// Runs with a directory of its own, removed afterwards.
    static func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/shiplog-storage-XXXXXX".utf8CString)
        let made = mkdtemp(&template)
        guard let made else { throw IOFailure(.makeDirectory, "/tmp", code: errno) }
        let path = String(cString: made)
        defer { remove(path) }
        try body(path)
    }

    private static func remove(_ path: String) {
        if let files = try? RealFileSystem(opening: path), let names = try? files.list("") {
            for name in names { remove(path + "/" + name) }
        }
        if rmdir(path) != 0 { unlink(path) }
    }

    private static func create(_ path: String) throws -> RealFileSystem {
        let fileSystem = try RealFileSystem(creating: path)
        try Initialization.create(
            on: fileSystem,
            .init(systemIdentifier: TestNode.systemIdentifier, time: TestNode.start))
        return fileSystem
    }

    @Test func `a directory on a real disk holds the bytes of one in memory`() throws {
        try Self.withDirectory { path in
            let memory = try TestNode.fresh()
            for fileSystem: any FileSystem in [try Self.create(path + "/p"), memory] {
                var node = try TestNode(fileSystem)
                for number in 1...30 { try node.set("key\(number)", "value") }
                try node.stop()
            }
            let real = try RealFileSystem(opening: path + "/p")
            for (name, bytes) in memory.snapshot {
                #expect(try real.contents(of: name) == bytes, "\(name)")
            }
            let standby = try RealFileSystem(creating: path + "/r")
            try Initialization.cloneCold(from: real, to: standby)
            #expect(try TestNode(standby).database.keyCount == 30)
        }
    }

    @Test func `two openings of one directory exclude each other`() throws {
        try Self.withDirectory { path in
            let first = try DataDirectory.open(try Self.create(path + "/p"))
            #expect(throws: OpenFailure.locked) { try DataDirectory.open(path: path + "/p") }
            #expect(!first.isStandby)
        }
        try Self.withDirectory { path in
            do { _ = try DataDirectory.open(try Self.create(path + "/p")) }
            _ = try DataDirectory.open(path: path + "/p")
        }
    }

    @Test func `files are read, written, renamed and listed`() throws {
        try Self.withDirectory { path in
            let files = try RealFileSystem(opening: path)
            try files.makeDirectory("sub")
            try files.makeDirectory("sub")
            try files.replace("sub/b", with: [1, 2, 3])
            try files.replace("sub/a", with: [])
            #expect(try files.list("sub") == ["a", "b"])
            let file = try files.open("sub/b", .readWrite)
            try file.write([9, 9], at: 5)
            #expect(try file.read(at: 1, count: 100) == [2, 3, 0, 0, 9, 9])
            try file.truncate(to: 2)
            #expect(try file.size() == 2)
            try files.rename("sub/b", to: "c")
            try files.syncDirectory("")
            #expect(try files.contents(of: "c") == [1, 2])
            try files.remove("c")
            #expect(try !files.exists("c"))
            #expect(try files.contentsIfPresent(of: "c") == nil)
        }
    }

    @Test func `failures name the operation, the file and the reason`() throws {
        try Self.withDirectory { path in
            let files = try RealFileSystem(opening: path)
            let missing = #expect(throws: IOFailure.self) { try files.open("nothing", .readOnly) }
            #expect(missing == IOFailure(.open, "nothing", code: ENOENT))
            #expect(missing?.kind == .missing)
            #expect(missing?.description == "cannot open \"nothing\": No such file or directory")
            try files.replace("file", with: [1])
            let readOnly = try files.open("file", .readOnly)
            let refused = #expect(throws: IOFailure.self) { try readOnly.write([1], at: 0) }
            #expect(refused == IOFailure(.write, "file", code: EBADF))
            #expect(throws: IOFailure.self) { try files.rename("nothing", to: "x") }
            #expect(throws: IOFailure.self) { try files.remove("nothing") }
            #expect(throws: IOFailure.self) { try files.list("file") }
            #expect(throws: IOFailure.self) { try RealFileSystem(opening: path + "/file") }
        }
    }

    @Test func `a pipe, a device and a directory are no files`() throws {
        try Self.withDirectory { path in
            let files = try RealFileSystem(opening: path)
            #expect(mkfifo(path + "/pipe", 0o600) == 0)
            #expect(symlink("/dev/zero", path + "/device") == 0)
            #expect(mkdir(path + "/directory", 0o700) == 0)
            for name in ["pipe", "device", "directory"] {
                for mode in [OpenMode.readOnly, .readWrite, .create] {
                    let failure = #expect(throws: IOFailure.self) { try files.open(name, mode) }
                    #expect(failure?.kind == .unusable)
                    #expect(failure?.description.hasSuffix("it is not a regular file") ?? false)
                }
                #expect(throws: IOFailure.self) { try files.lock(name) }
            }
        }
    }

    @Test func `a file longer than it can have become is not read`() throws {
        try Self.withDirectory { path in
            let files = try RealFileSystem(opening: path)
            try files.open("sparse", .create).truncate(to: 8 << 30)
            let failure = #expect(throws: IOFailure.self) { try files.contents(of: "sparse") }
            #expect(failure == IOFailure(.read, "sparse", code: IOFailure.oversized))
        }
    }
}
