import Cluster
import LabClock
import Testing
import WALFormat

/// The chapter's opening, on real sockets.
struct StoryTests {
    static func interval(_ index: Int) -> Duration {
        .nanoseconds(Int64(index) * 1_000_000_000 / 15)
    }

    private func story(lag: Duration, stopsCleanly: Bool = false) throws -> PromotionReport {
        let lab = try watchedLab(LabOptions())
        defer { lab.close() }
        for replica in ["r1", "r2"] { try lab.setDelay(lag, of: replica) }
        let load = try lab.load(45, prefix: "pay", on: "p", offset: Self.interval)
        #expect(load.acknowledged == 45)
        if stopsCleanly {
            _ = try lab.stop("p")
        } else {
            _ = try lab.crash("p", deliversWire: false)
        }
        return try lab.promote("r1")
    }

    @Test func `fifteen commits a second and 800 ms of lag lose exactly twelve`() throws {
        let promotion = try story(lag: .milliseconds(800))
        let loss = promotion.loss
        #expect(loss.lost.count == 12)
        #expect(loss.lost.map(\.key) == (34...45).map { "pay:\($0)" })
        #expect(loss.acknowledgedCount == 45)
        #expect(loss.lost.allSatisfy { $0.reached == .send(towards: ["r1", "r2"]) })
        #expect(loss.lost.allSatisfy { $0.isOnOldDisk })
        #expect(promotion.timeline == Timeline(2))
        #expect(promotion.others.map(\.name) == ["r2"])
    }

    @Test func `no lag loses nothing`() throws {
        let promotion = try story(lag: .zero)
        #expect(promotion.loss.lost.isEmpty)
        #expect(promotion.others.map(\.fate) == [.follows(from: promotion.fork)])
    }

    @Test func `a clean stop loses nothing, whatever the lag`() throws {
        let promotion = try story(lag: .milliseconds(800), stopsCleanly: true)
        #expect(promotion.loss.lost.isEmpty)
        #expect(promotion.loss.acknowledgedCount == 45)
    }

    @Test func `a payment confirmed 400 ms before the end is not on the new primary`() throws {
        let lab = try watchedLab(LabOptions())
        defer { lab.close() }
        for replica in ["r1", "r2"] { try lab.setDelay(.milliseconds(800), of: replica) }
        _ = try lab.load(45, prefix: "pay", on: "p", offset: Self.interval)
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        #expect(try lab.read("pay:39", on: "r1").value == nil)
        #expect(try lab.read("pay:33", on: "r1").value == "33")
    }
}
