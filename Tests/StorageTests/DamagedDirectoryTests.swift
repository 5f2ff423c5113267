import Glibc
import Testing
import WALFormat

@testable import Storage

/// Every file of a data directory, damaged in every way that a disk or a hand can: the node comes
/// up with all that it had, or says which file it is and what is wrong with it.
struct DamagedDirectoryTests {
    /// A node that went down, with what it had.
    struct Scene: Sendable, CustomTestStringConvertible {
        enum End: Sendable { case stopped, crashed }

        let end: End
        let isStandby: Bool
        var testDescription: String {
            "a \(isStandby ? "standby" : "primary") that \(end == .stopped ? "stopped" : "crashed")"
        }

        static let all = [End.stopped, .crashed].flatMap { end in
            [false, true].map { Scene(end: end, isStandby: $0) }
        }

        /// Its disk: a log of two timelines, a table of some pages, a checkpoint, and a slot.
        func disk() throws -> MemoryFileSystem {
            let origin = try TestNode.fresh()
            let disk = try TestNode.clone(of: origin)
            var primary = try TestNode(origin)
            var standby = try TestNode(disk)
            try primary.fill(1...300)
            try standby.follow(primary)
            guard !isStandby else { return try finish(disk, &standby, following: primary) }
            try standby.promote()
            return try finish(disk, &standby)
        }

        private func finish(
            _ disk: MemoryFileSystem, _ node: inout TestNode
        ) throws -> MemoryFileSystem {
            try node.perform(.storeSlot(name: "a", state: [1, 2, 3]))
            try node.checkpoint()
            try node.fill(301...310)
            if end == .stopped { try node.stop() }
            return disk.copy()
        }

        /// The standby's upstream is promoted elsewhere, so its log goes through two timelines.
        private func finish(
            _ disk: MemoryFileSystem, _ node: inout TestNode, following origin: TestNode
        ) throws -> MemoryFileSystem {
            var upstream = try TestNode(try TestNode.clone(of: TestNode.fresh()))
            try upstream.follow(origin)
            try upstream.promote()
            let timeline = upstream.database.timeline
            try node.perform(.writeHistory(timeline, try upstream.history()))
            try upstream.checkpoint()
            try upstream.fill(301...310)
            try node.follow(upstream)
            if let plan = node.database.restartpoint() { try node.perform(.checkpoint(plan)) }
            try upstream.fill(311...315)
            try node.follow(upstream)
            try node.perform(.storeSlot(name: "a", state: [1, 2, 3]))
            if end == .stopped { try node.stop() }
            return disk.copy()
        }
    }

    /// What a node had.
    private struct Belongings: Equatable {
        var rows: [String: String]
        var commits: Int
        var end: LSN
        var timeline: Timeline
        var history: TimelineHistory
        var isStandby: Bool
        var slots: [String: [UInt8]]

        init(_ fileSystem: any FileSystem) throws {
            let directory = try DataDirectory.open(fileSystem)
            let slots = try directory.restoreSlots()
            let recovered = try Recovery.run(directory, at: TestNode.start)
            rows = Dictionary(
                uniqueKeysWithValues: recovered.database.rows().map { ($0.key, $0.value) })
            commits = recovered.database.commitCount
            end = recovered.report.end
            timeline = recovered.report.timeline
            history = try directory.history(of: timeline)
            isStandby = directory.isStandby
            self.slots = Dictionary(uniqueKeysWithValues: slots.map { ($0.name, $0.state) })
        }

        /// A log that lost its end can be no other than one that was never written so far, unless
        /// the node was stopped. What is in a slot's file is for those to check who read it.
        func couldBe(_ other: Belongings, afterDamageTo path: String, _ scene: Scene) -> Bool {
            if self == other { return true }
            if path == "pg_replslot/a/state" {
                var same = self
                same.slots = other.slots
                return same == other
            }
            return scene.end == .crashed && path.hasPrefix("pg_wal/0") && end < other.end
                && rows.allSatisfy { other.rows[$0.key] == $0.value }
        }
    }

    @Test(arguments: Scene.all)
    func `a file deleted, emptied, cut or with a flipped bit is named, or makes no difference`(
        _ scene: Scene
    ) throws {
        let disk = try scene.disk()
        let files = disk.snapshot
        let whole = try Belongings(disk.copy())
        #expect(whole.rows.count >= 310)
        #expect(whole.timeline == Timeline(2))
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            for damaged in Self.damaged(bytes) {
                let copy = disk.copy()
                copy.put(path, damaged)
                do throws(OpenFailure) {
                    let found = try Self.open(copy)
                    #expect(
                        found.couldBe(whole, afterDamageTo: path, scene),
                        "\(path), \(damaged?.count ?? -1) bytes: \(found.rows.count) rows")
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
    }

    private static func open(
        _ fileSystem: MemoryFileSystem
    ) throws(OpenFailure) -> Belongings {
        do {
            return try Belongings(fileSystem)
        } catch let failure as OpenFailure {
            throw failure
        } catch {
            Issue.record("\(error)")
            throw .notADataDirectory
        }
    }

    /// A file's bytes in all the ways it can be damaged; nil: it is gone.
    private static func damaged(_ bytes: [UInt8]) -> [[UInt8]?] {
        guard !bytes.isEmpty else { return [nil, [0]] }
        let used = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        let cuts = [0, 1, used / 2, used / 8192 * 8192, used - 1, bytes.count - 1]
        let flips = [0, 1, used / 3, used / 2, used - 9, used - 1, bytes.count - 1]
        return [nil, [UInt8](repeating: 0, count: bytes.count), bytes + bytes]
            + cuts.filter { $0 < bytes.count }.map { Array(bytes[..<$0]) }
            + flips.filter { bytes.indices.contains($0) }.map { place in
                var flipped = bytes
                flipped[place] ^= 4
                return flipped
            }
    }

    @Test(arguments: [
        ("pg_xact/0000", "file \"pg_xact\" is damaged"),
        ("base/5/16384", "page 0 of the table is missing"),
        ("pg_wal/00000002.history", "file \"pg_wal/00000002.history\" is damaged"),
        ("PG_VERSION", "version"), ("global/shiplog_control", "not a data directory"),
    ])
    func `a file that is emptied is named`(path: String, complaint: String) throws {
        let disk = try Scene(end: .stopped, isStandby: false).disk()
        disk.put(path, [])
        let failure = #expect(throws: OpenFailure.self) { try Belongings(disk) }
        #expect(failure?.description.contains(complaint) ?? false, "\(failure?.description ?? "")")
    }

    @Test func `transactions that did not end as they did are noticed, each of them`() throws {
        let disk = try Scene(end: .stopped, isStandby: false).disk()
        for xid in stride(from: 3, to: 313, by: 7) {
            let copy = disk.copy()
            copy.damage("pg_xact/0000") { $0[xid / 4] ^= 1 << UInt8(xid % 4 * 2) }
            #expect(throws: OpenFailure.self, "transaction \(xid)") { try Belongings(copy) }
        }
    }

    @Test func `what has ended since the checkpoint the log says once more`() throws {
        let disk = try Scene(end: .crashed, isStandby: false).disk()
        let whole = try Belongings(disk.copy())
        disk.damage("pg_xact/0000") { bytes in for xid in 304..<312 { bytes[xid / 4] |= 0xFF } }
        #expect(try Belongings(disk) == whole)
    }

    /// A directory, a pipe, a device, a file of 8 GB that is all holes.
    @Test(arguments: Scene.all, ["directory", "pipe", "device", "sparse file"])
    func `whatever stands in a file's place, nobody waits for it`(
        _ scene: Scene, _ what: String
    ) throws {
        let disk = try scene.disk()
        let whole = try Belongings(disk.copy())
        for path in disk.snapshot.keys.sorted() {
            try RealDiskTests.withDirectory { root in
                let files = try RealFileSystem(opening: root)
                try disk.write(to: files)
                try files.remove(path)
                let place = root + "/" + path
                switch what {
                case "directory": #expect(mkdir(place, 0o700) == 0)
                case "pipe": #expect(mkfifo(place, 0o600) == 0)
                case "device": #expect(symlink("/dev/zero", place) == 0)
                default: try files.open(path, .create).truncate(to: 8 << 30)
                }
                do {
                    let found = try Belongings(files)
                    #expect(found.couldBe(whole, afterDamageTo: path, scene), "\(path)")
                } catch {
                    #expect(error is OpenFailure, "\(path): \(error)")
                }
            }
        }
    }
}

extension TestNode {
    fileprivate mutating func fill(_ numbers: ClosedRange<Int>) throws {
        for number in numbers { try set("key\(number)", "some value or other") }
    }
}

extension MemoryFileSystem {
    /// Copies everything to another disk.
    fileprivate func write(to target: any FileSystem) throws {
        for directory in DirectoryLayout.directories + ["pg_replslot/a"] {
            try target.makeDirectory(directory)
        }
        for (path, bytes) in snapshot {
            try target.open(path, .create).write(bytes[...], at: 0)
        }
    }
}
