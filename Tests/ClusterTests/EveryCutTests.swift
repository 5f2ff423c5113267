import Storage
import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode

/// A replica's connection, on real sockets, cut behind each of its bytes: from the first of the
/// handshake to the last of three messages with WAL, in either direction.
struct EveryCutTests {
    /// What the cuts found a replica doing.
    private struct Tally {
        var cuts = 0
        var inHandshake = 0
        var inStream = 0
    }

    @Test(arguments: [WireWay.wal, .feedback])
    func `a replica cut off behind any byte resumes at its flush position`(way: WireWay) throws {
        let lab = try watchedLab(LabOptions(replicas: 1, usesMemory: true))
        defer { lab.close() }
        var tally = Tally()
        while try cut(way, after: tally.cuts, &tally, lab) {
            guard tally.cuts.isMultiple(of: 100) else { continue }
            #expect(try lab.diff("p", "r1").outcome == .identical)
            // The files of the log stay few.
            for node in ["p", "r1"] { _ = try lab.checkpoint(node) }
        }
        #expect(try lab.diff("p", "r1").outcome == .identical)
        #expect(tally.inHandshake > 100 && tally.inStream > 100, "\(tally)")
        #expect(tally.cuts == tally.inHandshake + tally.inStream)
        #expect(try lab.lost().lost.isEmpty)
    }

    /// A new connection that is cut behind so many bytes, and three commits. False: that many bytes
    /// did not pass.
    private func cut(
        _ way: WireWay, after count: Int, _ tally: inout Tally, _ lab: Lab
    ) throws -> Bool {
        try lab.partition("r1", way, after: count)
        try lab.useSlot(nil, on: "r1")
        let before = try #require(lab.snapshot()["r1"])
        for number in 0..<3 { _ = try lab.write("k\(number)", "\(count)", on: "p") }
        let cut = try #require(lab.snapshot()["r1"])
        guard cut.link?.isCut == true else {
            #expect(try lab.heal("r1"))
            return false
        }
        tally.cuts += 1
        if before.reception == .streaming { tally.inStream += 1 } else { tally.inHandshake += 1 }
        let flush = try #require(cut.positions).flush
        let report = try lab.reconnect("r1")
        let whole = try #require(lab.snapshot()["p"]?.positions)
        let replica = try #require(lab.snapshot()["r1"]?.positions)
        #expect(report.isCaughtUp && report.resumedAt == flush, "\(way) cut after \(count)")
        #expect(report.appliedTwice == 0, "\(way) cut after \(count)")
        #expect(report.byteCount == whole.flush - flush, "\(way) cut after \(count)")
        #expect(replica.flush == whole.flush && replica.replay == whole.flush)
        #expect(replica.commits == whole.commits)
        for number in 0..<3 {
            #expect(try lab.read("k\(number)", on: "r1").value == "\(count)")
        }
        return true
    }
}
