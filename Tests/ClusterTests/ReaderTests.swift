import Cluster
import DatabaseNode
import LabClock
import SQLServer
import Storage
import Testing
import WireProtocol

/// Long readers on a replica, against a vacuum on the primary.
struct ReaderTests {
    private func lab(_ replicas: Int = 1) throws -> Lab {
        let lab = try watchedLab(LabOptions(replicas: replicas, usesMemory: true))
        for value in ["1", "2"] { _ = try lab.write("a", value, on: "p") }
        return lab
    }

    /// An update, and a vacuum that takes the old version away.
    private func changeAndVacuum(_ lab: Lab) throws {
        _ = try lab.write("a", "3", on: "p")
        _ = try lab.vacuum("p")
    }

    private func hold(_ lab: Lab) -> ReplayHold? { lab.snapshot()["r1"]?.replayHold }

    private func events(_ lab: Lab) -> [HeldReadEvent] {
        lab.takeEvents().compactMap { if case .read(let event) = $0.kind { event } else { nil } }
    }

    private func instant(_ milliseconds: Int64) -> LabInstant {
        LabInstant.start.advanced(by: .milliseconds(milliseconds))
    }

    @Test func `a reader goes on seeing the old row, and replay waits for it`() throws {
        let lab = try lab()
        defer { lab.close() }
        let read = try lab.hold("a", on: "r1", for: .seconds(10))
        #expect(read.seen == "2")
        try changeAndVacuum(lab)
        let node = try #require(lab.snapshot()["r1"]?.positions)
        #expect(node.flush > node.replay)
        #expect(hold(lab) == ReplayHold(readers: 1, since: .start, until: instant(30_000)))
        // The update is before the vacuum in the log, and shown.
        #expect(try lab.read("a", on: "r1").value == "3")
        _ = try lab.write("b", "1", on: "p")
        #expect(try lab.read("b", on: "r1").value == nil)
        _ = lab.wait(.seconds(10))
        #expect(events(lab) == [.ended(read, last: "2", present: "3")])
        #expect(hold(lab) == nil)
        #expect(try lab.read("b", on: "r1").value == "1")
        #expect(lab.heldReads.isEmpty)
    }

    @Test func `the reader is cancelled when the delay since the receipt is over`() throws {
        let lab = try lab()
        defer { lab.close() }
        lab.set(.maxStandbyStreamingDelay, to: .seconds(3))
        let read = try lab.hold("a", on: "r1", for: .seconds(60))
        _ = lab.wait(.seconds(5))
        try changeAndVacuum(lab)
        _ = lab.wait(.milliseconds(2_999))
        #expect(hold(lab)?.until == instant(8_000))
        #expect(lab.heldReads == [read])
        _ = lab.wait(.milliseconds(1))
        guard case .refused(read, let error)? = events(lab).first else {
            Issue.record("it goes on reading")
            return
        }
        #expect(error.code == .serializationFailure)
        #expect(error.message == "canceling statement due to conflict with recovery")
        #expect(
            error.detail
                == "User query might have needed to see row versions that must be removed.")
        #expect(hold(lab) == nil)
        #expect(lab.snapshot()["r1"]?.readers == nil)
    }

    @Test func `who began after the deletion is in nobody's way`() throws {
        let lab = try lab()
        defer { lab.close() }
        lab.set(.maxStandbyStreamingDelay, to: .zero)
        _ = try lab.write("a", "3", on: "p")
        let read = try lab.hold("a", on: "r1", for: .seconds(10))
        _ = try lab.vacuum("p")
        #expect(hold(lab) == nil)
        _ = lab.wait(.seconds(10))
        #expect(events(lab) == [.ended(read, last: "3", present: "3")])
    }

    @Test func `below zero replay waits for ever, and a new setting counts at once`() throws {
        let lab = try lab()
        defer { lab.close() }
        lab.set(.maxStandbyStreamingDelay, to: .milliseconds(-1))
        _ = try lab.hold(nil, on: "r1", for: .seconds(86_400))
        try changeAndVacuum(lab)
        _ = lab.wait(.seconds(3_600))
        #expect(hold(lab) == ReplayHold(readers: 1, since: .start, until: nil))
        lab.set(.maxStandbyStreamingDelay, to: .seconds(30))
        #expect(hold(lab) == nil)
        #expect(lab.heldReads.isEmpty)
    }

    @Test func `a transaction that idles loses its connection`() throws {
        let lab = try lab()
        defer { lab.close() }
        lab.set(.maxStandbyStreamingDelay, to: .seconds(1))
        _ = try lab.begin(on: "r1", .repeatableRead)
        #expect(try lab.read("a", on: "r1").value == "2")
        try changeAndVacuum(lab)
        #expect(try lab.read("a", on: "r1").value == "2")
        _ = lab.wait(.seconds(1))
        #expect(lab.openTransaction == nil)
        #expect(try lab.read("a", on: "r1").value == "3")
    }

    @Test func `what replay waits with keeps its pace behind the reader`() throws {
        // The vacuum's turn comes within the reader's time, whoever looks when.
        for steps in [[1_000], [250, 250, 500], [30, 470, 1, 499]] {
            let lab = try lab()
            defer { lab.close() }
            _ = try lab.hold("a", on: "r1", for: .milliseconds(500))
            try lab.changeCosts(of: "r1") { $0.apply.record = .milliseconds(100) }
            // An update and its COMMIT; what goes, and the page; a change and a COMMIT.
            try changeAndVacuum(lab)
            _ = try lab.write("b", "1", on: "p")
            for step in steps { _ = lab.wait(.milliseconds(Int64(step))) }
            // 300 ms to the third record, the reader till 500 ms, and three records behind it.
            #expect(lab.snapshot()["r1"]?.positions?.commits == 4, "\(steps)")
            #expect(try lab.read("b", on: "r1").value == "1")
        }
        let lab = try lab()
        defer { lab.close() }
        _ = try lab.hold("a", on: "r1", for: .milliseconds(500))
        try lab.changeCosts(of: "r1") { $0.apply.record = .milliseconds(100) }
        try changeAndVacuum(lab)
        _ = try lab.write("b", "1", on: "p")
        _ = lab.wait(.milliseconds(799))
        #expect(try lab.read("b", on: "r1").value == nil)
        _ = lab.wait(.milliseconds(1))
        #expect(try lab.read("b", on: "r1").value == "1")
    }

    @Test func `a replica that crashes while replay waits recovers with all it has`() throws {
        let lab = try lab()
        defer { lab.close() }
        _ = try lab.hold("a", on: "r1", for: .seconds(60))
        try changeAndVacuum(lab)
        _ = try lab.write("b", "1", on: "p")
        _ = try lab.crash("r1", deliversWire: false)
        #expect(events(lab).count == 1)
        _ = try lab.restart("r1")
        #expect(try lab.read("b", on: "r1").value == "1")
    }

    @Test func `a clean stop ends the readers first`() throws {
        let lab = try lab()
        defer { lab.close() }
        lab.set(.maxStandbyStreamingDelay, to: .milliseconds(-1))
        let read = try lab.hold("a", on: "r1", for: .seconds(600))
        try changeAndVacuum(lab)
        _ = try lab.stop("r1")
        #expect(events(lab) == [.lost(read)])
        #expect(lab.snapshot().time == .start)
    }

    @Test func `a promotion waits as long as replay does`() throws {
        let lab = try lab()
        defer { lab.close() }
        let read = try lab.hold("a", on: "r1", for: .seconds(3_600))
        _ = lab.wait(.seconds(10))
        try changeAndVacuum(lab)
        _ = try lab.write("b", "1", on: "p")
        _ = try lab.crash("p", deliversWire: false)
        #expect(try lab.promote("r1").loss.lost.isEmpty)
        #expect(lab.snapshot().time == instant(40_000))
        #expect(events(lab).contains { if case .refused(read, _) = $0 { true } else { false } })
        #expect(try lab.read("b", on: "r1").value == "1")
    }

    @Test func `a promotion that a reader holds back for too long is given up`() throws {
        let lab = try lab()
        defer { lab.close() }
        lab.set(.maxStandbyStreamingDelay, to: .milliseconds(-1))
        _ = try lab.hold("a", on: "r1", for: .seconds(3_600))
        try changeAndVacuum(lab)
        #expect(throws: LabFailure.self) { try lab.promote("r1") }
        #expect(lab.snapshot()["r1"]?.role == .standby(upstream: "p"))
        _ = lab.wait(.seconds(3_600))
        #expect(lab.snapshot()["r1"]?.role == .standby(upstream: "p"))
        #expect(lab.snapshot()["r1"]?.reception == .streaming)
        #expect(hold(lab) == nil)
        _ = try lab.promote("r1")
    }

    @Test func `with feedback vacuum spares what a reader on a replica needs`() throws {
        let lab = try lab(2)
        defer { lab.close() }
        lab.setHotStandbyFeedback(true)
        let read = try lab.hold("a", on: "r1", for: .seconds(25))
        _ = try lab.write("a", "3", on: "p")
        let first = try lab.vacuum("p")
        #expect(first.report.tuplesRemoved == 1)
        #expect(first.report.tuplesSpared == 1)
        #expect(first.holders.map(\.kind) == [.replica("r1"), .replica("r2")])
        #expect(hold(lab) == nil)
        _ = lab.wait(.seconds(20))
        // r2's readers need nothing any more, and its report says so.
        #expect(try lab.vacuum("p").holders.map(\.kind) == [.replica("r1")])
        _ = lab.wait(.seconds(5))
        #expect(events(lab) == [.ended(read, last: "2", present: "3")])
        _ = lab.wait(.seconds(10))
        #expect(try lab.vacuum("p").report.tuplesRemoved == 1)
    }

    @Test func `a replica hands on what those need who follow it`() throws {
        let lab = try lab(2)
        defer { lab.close() }
        _ = try lab.follow("r2", "r1")
        lab.setHotStandbyFeedback(true)
        _ = try lab.hold("a", on: "r2", for: .seconds(60))
        _ = lab.wait(.seconds(20))
        _ = try lab.write("a", "3", on: "p")
        let result = try lab.vacuum("p")
        #expect(result.report.tuplesSpared == 1)
        #expect(result.holders.map(\.kind) == [.replica("r1")])
        #expect(lab.snapshot()["r2"]?.replayHold == nil)
    }

    @Test func `the views of the primary show whose rows stay`() throws {
        let lab = try lab()
        defer { lab.close() }
        lab.setHotStandbyFeedback(true)
        _ = try lab.hold("a", on: "r1", for: .seconds(60))
        let client = try ServerTestClient(lab)
        let xmin = client.query("SELECT backend_xmin FROM pg_stat_replication")
        #expect(xmin.first == .row(["5"]))
        #expect(client.query("SHOW hot_standby_feedback").first == .row(["on"]))
    }
}
