import Testing

@testable import Storage

/// Replication slots on disk: whole or not at all.
struct SlotDirectoryTests {
    private static let story: [DiskJob] = [
        .storeSlot(name: "a", state: [1]), .storeSlot(name: "a", state: [2, 2]),
        .storeSlot(name: "b", state: [3]), .removeSlot(name: "a"),
        .storeSlot(name: "a", state: [4]), .removeSlot(name: "nobody"), .removeSlot(name: "b"),
    ]

    private func slots(_ fileSystem: MemoryFileSystem) throws -> [String: [UInt8]] {
        let found = try DataDirectory.open(fileSystem).restoreSlots()
        return Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.state) })
    }

    /// What there is before each job, and after the last.
    private var stages: [[String: [UInt8]]] {
        Self.story.reduce(into: [[:]]) { stages, job in
            var next = stages[stages.count - 1]
            switch job {
            case .storeSlot(let name, let state): next[name] = state
            case .removeSlot(let name): next[name] = nil
            default: break
            }
            stages.append(next)
        }
    }

    @Test func `a slot is written beside, synced, renamed, and its directory synced`() throws {
        let fileSystem = try TestNode.fresh()
        let directory = try DataDirectory.open(fileSystem)
        let trace = CallTrace(fileSystem)
        #expect(directory.perform(.storeSlot(name: "a", state: [1])) == .done)
        let store = [
            "open pg_replslot/a/state.tmp", "write pg_replslot/a/state.tmp",
            "fsync pg_replslot/a/state.tmp", "rename pg_replslot/a/state.tmp",
            "fsync directory pg_replslot/a",
        ]
        #expect(
            trace.take() == [
                "list pg_replslot", "make directory pg_replslot/a", "fsync directory pg_replslot",
            ] + store)
        #expect(directory.perform(.storeSlot(name: "a", state: [2])) == .done)
        #expect(trace.take() == ["list pg_replslot"] + store)
    }

    @Test func `after a power loss at any edge a slot is as it was before the job or after it`()
        throws
    {
        let whole = try TestNode.fresh()
        let before = whole.edgeCount
        do {
            let directory = try DataDirectory.open(whole)
            for job in Self.story { #expect(directory.perform(job) == .done) }
        }
        let stages = stages
        #expect(try slots(whole) == stages.last)
        for edge in 1...(whole.edgeCount - before) {
            let fileSystem = try TestNode.fresh()
            fileSystem.planFault(.powerLoss, atEdge: fileSystem.edgeCount + edge)
            var done = 0
            if let directory = try? DataDirectory.open(fileSystem) {
                while done < Self.story.count, directory.perform(Self.story[done]) == .done {
                    done += 1
                }
            }
            for survival in Survival.allCases {
                let found = try slots(fileSystem.crash(survival, seed: UInt64(edge)))
                let allowed = [stages[done], stages[min(done + 1, Self.story.count)]]
                #expect(allowed.contains(found), "edge \(edge), \(survival): \(found)")
            }
        }
    }

    @Test func `a directory that has lost its slots is none without slots`() throws {
        let fileSystem = try TestNode.fresh()
        try fileSystem.removeDirectory("pg_replslot")
        let directory = try DataDirectory.open(fileSystem)
        #expect(throws: OpenFailure.self) { try directory.restoreSlots() }
        let answer = directory.perform(.storeSlot(name: "a", state: [7]))
        #expect(answer == .failed(.io(IOFailure.missing(.list, "pg_replslot"))))
    }

    @Test func `only an empty directory is removed`() throws {
        let fileSystem = MemoryFileSystem()
        try fileSystem.makeDirectory("d")
        _ = try fileSystem.open("d/f", .create)
        #expect(throws: IOFailure.self) { try fileSystem.removeDirectory("d") }
        #expect(throws: IOFailure.self) { try fileSystem.removeDirectory("d/f") }
        #expect(throws: IOFailure.self) { try fileSystem.removeDirectory("") }
        try fileSystem.remove("d/f")
        try fileSystem.removeDirectory("d")
        #expect(try fileSystem.list("").isEmpty)
    }
}
