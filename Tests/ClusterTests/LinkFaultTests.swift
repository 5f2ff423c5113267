import Cluster
import DatabaseNode
import LabClock
import Network
import TestSupport
import Testing

/// Links whose faults are values, and nodes whose process was stopped.
struct LinkFaultTests {
    private func withLab(_ body: (Lab) throws -> Void) throws {
        let lab = try watchedLab(LabOptions(replicas: 2, usesMemory: true))
        defer { lab.close() }
        try body(lab)
    }

    @Test func `a link holds so much, and the rest stays with its sender`() throws {
        try withLab { lab in
            try lab.partition("r1")
            _ = try lab.load(2600, prefix: "k", byteCount: 7000, on: "p") { _ in .zero }
            let held = try #require(lab.snapshot()["r1"]?.link).wal.load
            #expect(held.waiting + held.inFlight == Network.Link.capacity)
            #expect(held.unsent > 0)
            _ = try lab.heal("r1")
            let positions = lab.snapshot()
            #expect(positions["r1"]?.positions?.flush == positions["p"]?.positions?.flush)
            #expect(positions["r1"]?.link?.wal.load == .init())
        }
    }

    @Test func `a frozen node hears of its slow disk, and acts on it, when it runs`() throws {
        try withLab { lab in
            try lab.changeCosts(of: "r1") { $0.fsync = .milliseconds(70) }
            _ = try lab.write("a", "1", on: "p")
            try lab.freeze("r1")
            // What it was told before: connect to r2, when all that has come is durable.
            _ = try lab.promote("r2")
            _ = try lab.crash("r2", deliversWire: false)
            let before = try #require(lab.snapshot()["r1"]?.positions)
            #expect(lab.wait(.seconds(61)))
            #expect(lab.snapshot()["r1"]?.positions == before)
            try lab.thaw("r1")
            let after = try #require(lab.snapshot()["r1"]?.positions)
            #expect(after.flush > before.flush && after.flush == after.replay)
        }
    }

    @Test func `what a frozen node does not read is bounded, and is there when it runs`() throws {
        try withLab { lab in
            try lab.freeze("r1")
            _ = try lab.load(1200, prefix: "k", byteCount: 7000, on: "p") { _ in .zero }
            let held = try #require(lab.snapshot()["r1"]?.link).wal.load
            #expect(held.unread == Network.Link.receiveWindow && held.inFlight > 0)
            #expect(lab.snapshot()["r1"]?.state == .frozen)
            try lab.thaw("r1")
            let after = lab.snapshot()
            #expect(after["r1"]?.positions?.flush == after["p"]?.positions?.flush)
        }
    }

    @Test func `a frozen node's crash takes what it had not read`() throws {
        try withLab { lab in
            try lab.freeze("r1")
            _ = try lab.write("a", "1", on: "p")
            _ = try lab.crash("r1", deliversWire: false)
            #expect(lab.snapshot()["r1"]?.state == .crashed)
            _ = try lab.restart("r1")
            #expect(try lab.read("a", on: "r1").value == "1")
        }
    }

    @Test func `a write whose client gave up happens when the primary runs again`() throws {
        try withLab { lab in
            _ = try lab.write("a", "1", on: "p")
            try lab.freeze("p")
            #expect(throws: LabFailure.silent(node: "p", bound: Lab.patience)) {
                try lab.write("a", "2", on: "p")
            }
            #expect(throws: LabFailure.isFrozen("p")) { try lab.stop("p") }
            try lab.thaw("p")
            #expect(try lab.read("a", on: "p").value == "2")
            #expect(lab.acknowledgedCount == 1)
        }
    }

    @Test func `a kept lab comes back with every fault of its links, and nobody frozen`() throws {
        let folder = try TemporaryFolder()
        let first = try watchedLab(LabOptions(replicas: 2, directory: folder.path))
        try first.changeFaults(of: "r1", [.wal, .feedback]) { faults, way in
            faults.delay = .milliseconds(65)
            faults.jitter = .milliseconds(5)
            faults.bandwidth = 10 << 20
            faults.window = 6 << 20
            faults.isStalled = way == .feedback
        }
        try first.partition("r2", for: .seconds(2), every: .seconds(10))
        let before = first.snapshot()
        try first.freeze("r1")
        first.close()
        let second = try watchedLab(LabOptions(directory: folder.path))
        defer { second.close() }
        let after = second.snapshot()
        #expect(after["r1"]?.state == .up)
        for name in ["r1", "r2"] {
            for way in WireWay.allCases {
                let faults = before[name]?.link?[way].faults
                #expect(faults != WireFaults.none)
                #expect(after[name]?.link?[way].faults == faults)
            }
        }
    }

    @Test func `a link to another region is as long as the way there, unless somebody said more`()
        throws
    {
        let lab = try watchedLab(LabOptions(replicas: 4, usesMemory: true))
        defer { lab.close() }
        try lab.lay(out: .threeRegion)
        func delays() -> [Duration?] {
            ["r1", "r2", "r3", "r4"].map { lab.snapshot()[$0]?.link?.wal.faults.delay }
        }
        let near = Duration.microseconds(500)
        let far = Duration.milliseconds(65)
        #expect(delays() == [near, near, far, .zero])
        // Within Mumbai, to Dublin, and of a replica that stands nowhere.
        for (replica, upstream) in [("r2", "r1"), ("r1", "r3"), ("r4", "r3")] {
            _ = try lab.follow(replica, upstream)
        }
        #expect(delays() == [far, near, far, .zero])
        try lab.setDelay(.seconds(1), of: "r1")
        _ = try lab.follow("r1", "p")
        #expect(delays() == [.seconds(1), near, far, .zero])
    }
}
