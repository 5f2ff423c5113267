import Replication
import SQLServer
import Storage
import Testing
import WALFormat
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// Replication slots, and the WAL that is kept for them.
struct SlotTests {
    private static func lab(replicas: Int = 1) throws -> Lab {
        try watchedLab(LabOptions(replicas: replicas, usesMemory: true))
    }

    private func slot(_ name: String, on node: String, _ lab: Lab) -> SlotView? {
        lab.retention().first { $0.node == node }?.slots.first { $0.name == name }
    }

    private func events(_ lab: Lab) -> [String] {
        lab.takeEvents().compactMap { event in
            switch event.kind {
            case .node(.receiver(.refused(let error))):
                "\(event.node) is refused: \(error.code.code)"
            case .node(.receiver(.streaming)): "\(event.node) streams"
            case .node(.walRemoved(let count, _, _)): "\(event.node) lets go \(count)"
            case .node(.slotLost(let name, _)): "\(event.node) loses \(name)"
            default: nil
            }
        }
    }

    @Test func `a slot keeps what its replica has not confirmed, however long it is away`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.createSlot("r1", on: "p")
        try lab.useSlot("r1", on: "r1")
        _ = try lab.write("a", "1", on: "p")
        let flushed = try #require(lab.snapshot()["r1"]?.positions).flush
        #expect(slot("r1", on: "p", lab)?.restart == flushed)
        #expect(slot("r1", on: "p", lab)?.usedBy == "r1")
        _ = try lab.stop("r1")
        try lab.fill(segments: 2)
        #expect(try lab.checkpoint("p").removedSegmentCount == 0)
        #expect(slot("r1", on: "p", lab)?.restart == flushed)
        #expect(slot("r1", on: "p", lab)?.usedBy == nil)
        _ = try lab.restart("r1")
        #expect(lab.snapshot()["r1"]?.reception == .streaming)
        #expect(lab.snapshot()["r1"]?.positions?.flush == lab.snapshot()["p"]?.positions?.flush)
        // Now that it is confirmed, it goes.
        #expect(try lab.checkpoint("p").removedSegmentCount == 2)
        #expect(try lab.lost().lost.isEmpty)
    }

    @Test func `without a slot a checkpoint takes the WAL, and the replica hears 58P01 once`()
        throws
    {
        let lab = try Self.lab()
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        _ = try lab.stop("r1")
        try lab.fill(segments: 2)
        let report = try #require(lab.retention().first)
        #expect(report.holder == .checkpoint)
        #expect(try lab.checkpoint("p").removedSegmentCount == 2)
        _ = lab.takeEvents()
        _ = try lab.restart("r1")
        #expect(lab.wait(.seconds(30)))
        #expect(events(lab) == ["r1 is refused: 58P01"])
        let node = try #require(lab.snapshot()["r1"])
        #expect(node.refusal?.message.hasSuffix("has already been removed") == true)
        let unprotected = try #require(lab.retention().first?.unprotected.first)
        #expect(unprotected.replica == "r1")
        #expect(unprotected.isGone)
        let refusal = #expect(throws: LabFailure.self) { try lab.reconnect("r1") }
        guard case .refused("r1", upstream: "p", let error) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(error.code == .undefinedFile)
        #expect(events(lab) == ["r1 is refused: 58P01"])
    }

    @Test func `wal_keep_size keeps WAL for whoever may come`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        lab.set(.walKeepSize, to: 3)
        _ = try lab.stop("r1")
        try lab.fill(segments: 2)
        #expect(try lab.checkpoint("p").removedSegmentCount == 0)
        #expect(lab.retention().first?.holder == .keepSize)
        _ = try lab.restart("r1")
        #expect(lab.snapshot()["r1"]?.reception == .streaming)
        lab.set(.walKeepSize, to: 0)
        #expect(try lab.checkpoint("p").removedSegmentCount == 2)
    }

    @Test func `a slot that keeps too much is lost, and the one who uses it is cut off`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.createSlot("r1", on: "p")
        try lab.useSlot("r1", on: "r1")
        lab.set(.maxSlotWALKeepSize, to: 1)
        try lab.setDelay(.seconds(1), of: "r1")
        try lab.fill(segments: 1)
        #expect(slot("r1", on: "p", lab)?.status == .reserved)
        #expect(try #require(slot("r1", on: "p", lab)?.safeByteCount) > 0)
        try lab.fill(segments: 2)
        #expect(slot("r1", on: "p", lab)?.status == .unreserved)
        #expect(try #require(slot("r1", on: "p", lab)?.safeByteCount) <= 0)
        _ = lab.takeEvents()
        #expect(try lab.checkpoint("p").removedSegmentCount > 0)
        #expect(slot("r1", on: "p", lab)?.status == .lost)
        #expect(slot("r1", on: "p", lab)?.usedBy == nil)
        #expect(events(lab).contains("p loses r1"))
        #expect(lab.snapshot()["p"]?.senders.isEmpty == true)
        // What was on the wire still arrives: with it the replica can go on, and the slot lives.
        #expect(lab.wait(.seconds(60)))
        #expect(lab.snapshot()["r1"]?.reception == .streaming)
        #expect(slot("r1", on: "p", lab)?.status == .reserved)
    }

    @Test func `slots outlive restarts and crashes, but not what was confirmed since a checkpoint`()
        throws
    {
        let lab = try Self.lab()
        defer { lab.close() }
        try lab.createSlot("r1", on: "p")
        try lab.createSlot("old", on: "p")
        try lab.useSlot("r1", on: "r1")
        let made = try #require(slot("old", on: "p", lab)?.restart)
        _ = try lab.write("a", "1", on: "p")
        _ = try lab.checkpoint("p")
        let saved = try #require(slot("r1", on: "p", lab)?.restart)
        _ = try lab.write("b", "1", on: "p")
        #expect(try #require(slot("r1", on: "p", lab)?.restart) > saved)
        _ = try lab.crash("p", deliversWire: false)
        #expect(lab.retention().first { $0.node == "p" } == nil)
        _ = try lab.restart("p")
        #expect(try #require(slot("r1", on: "p", lab)?.restart) <= saved)
        #expect(slot("old", on: "p", lab)?.restart == made)
        try lab.dropSlot("old", on: "p")
        _ = try lab.stop("p")
        _ = try lab.restart("p")
        #expect(slot("old", on: "p", lab) == nil)
        #expect(slot("r1", on: "p", lab) != nil)
    }

    @Test func `a promoted replica has no slots, and says so to who asks for one`() throws {
        let lab = try Self.lab(replicas: 2)
        defer { lab.close() }
        try lab.createSlot("r2", on: "p")
        try lab.useSlot("r2", on: "r2")
        _ = try lab.crash("p", deliversWire: false)
        let report = try lab.promote("r1")
        guard case .refused(let error) = report.others.first?.fate else {
            Issue.record("\(report.others)")
            return
        }
        #expect(error.code == .undefinedObject)
        try lab.createSlot("r2", on: "r1")
        #expect(lab.wait(.seconds(5)))
        #expect(lab.snapshot()["r2"]?.reception == .streaming)
        #expect(slot("r2", on: "r1", lab)?.usedBy == "r2")
    }

    @Test func `a slot is made, used and removed once, and by one at a time`() throws {
        let lab = try Self.lab(replicas: 2)
        defer { lab.close() }
        try lab.createSlot("s", on: "p")
        func refusal(_ body: () throws -> Void) -> String? {
            do {
                try body()
                return nil
            } catch LabFailure.server(_, let error) {
                return error.code.code
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal { try lab.createSlot("s", on: "p") } == "42710")
        #expect(refusal { try lab.createSlot("S", on: "p") } == "42602")
        #expect(refusal { try lab.dropSlot("t", on: "p") } == "42704")
        try lab.useSlot("s", on: "r1")
        #expect(refusal { try lab.dropSlot("s", on: "p") } == "55006")
        try lab.useSlot("s", on: "r2")
        #expect(lab.snapshot()["r2"]?.refusal?.code == .objectInUse)
        try lab.useSlot(nil, on: "r1")
        #expect(lab.wait(.seconds(5)))
        #expect(slot("s", on: "p", lab)?.usedBy == "r2")
        #expect(throws: LabFailure.noSuchSlot("t", node: "p")) { try lab.useSlot("t", on: "r1") }
        #expect(throws: LabFailure.isPrimary("p")) { try lab.useSlot("s", on: "p") }
    }

    @Test func `a full disk makes no slot, and a slot that is dropped makes room`() throws {
        let lab = try Self.lab(replicas: 0)
        defer { lab.close() }
        try lab.createSlot("old", on: "p")
        try lab.setDiskFault(.room(byteCount: 3 << 20), on: "p")
        let left = try #require(lab.retention().first?.diskByteCountLeft)
        #expect((2 << 20...4 << 20).contains(left))
        #expect(throws: LabFailure.self) { try lab.fill(segments: 5) }
        #expect(throws: LabFailure.self) { try lab.createSlot("new", on: "p") }
        #expect(slot("new", on: "p", lab) == nil)
        #expect(try lab.checkpoint("p").foundDiskFull)
        #expect(throws: LabFailure.self) { try lab.write("a", "1", on: "p") }
        try lab.dropSlot("old", on: "p")
        // The checkpoint before found no room; the one before that is where recovery would begin.
        _ = try lab.checkpoint("p")
        lab.set(.maxWALSize, to: 2)
        try lab.setDiskFault(.none, on: "p")
        try lab.fill(segments: 3)
        #expect(try lab.lost().lost.isEmpty)
    }

    @Test func `the ledger is exact when the WAL that it was about is gone`() throws {
        let lab = try Self.lab(replicas: 2)
        defer { lab.close() }
        _ = try lab.write("early", "1", on: "p")
        try lab.fill(segments: 2)
        for node in ["p", "r1", "r2"] { _ = try lab.checkpoint(node) }
        #expect(try #require(try lab.records(of: "r1").first).start > LSN(0x200000))
        _ = try lab.write("late", "1", on: "p")
        #expect(try lab.lost().lost.isEmpty)
        try lab.setDelay(.seconds(1), of: "r1")
        for number in 0..<7 { _ = try lab.write("lost", "\(number)", on: "p") }
        _ = try lab.crash("p", deliversWire: false)
        let report = try lab.promote("r1")
        #expect(report.loss.lost.map(\.value) == (0..<7).map { "\($0)" })
        try lab.fill(segments: 2, on: "r1")
        _ = try lab.checkpoint("r1")
        #expect(try #require(try lab.records(of: "r1").first).timeline > .first)
        let later = try lab.lost()
        #expect(later.lost.map(\.value) == (0..<7).map { "\($0)" })
        #expect(later.fork == report.fork)
        #expect(later.acknowledgedCount == lab.acknowledgedCount)
    }

    @Test func `an automatic checkpoint lets go WAL as well`() throws {
        let lab = try Self.lab()
        defer { lab.close() }
        lab.set(.maxWALSize, to: 2)
        try lab.fill(segments: 4)
        #expect(try #require(lab.retention().first).oldest > LSN(0x200000))
        #expect(try #require(lab.retention().last).oldest > LSN(0x200000), "a restartpoint, too")
        #expect(events(lab).contains { $0.hasPrefix("r1 lets go ") })
        #expect(try lab.lost().lost.isEmpty)
    }
}

extension Lab {
    /// Writes so many segments of WAL and a little more, with few commits.
    func fill(segments: Int, on node: String = "p") throws {
        let value = String(repeating: "x", count: 7_000)
        let begin = try write("fill", value, on: node).lsn ?? .invalid
        var end = begin
        while end - begin < segments << 20 {
            end = try write("fill", value, on: node).lsn ?? .invalid
        }
    }
}
