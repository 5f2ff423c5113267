import Foundation
import Testing

/// The process dies, or its disk fails, at a system call that strace chooses: whatever was told OK
/// is there when the lab is opened again.
@Suite(.enabled(if: Strace.isWanted, "strace is not installed"))
struct PowerTests {
    @Test func `killed at each fdatasync, it has all that it acknowledged`() throws {
        var deaths = 0
        for edge in 1...(KeptLab.commits + 8) {
            let lab = try KeptLab()
            let run = try lab.writeAll("fdatasync:signal=KILL:when=\(edge)")
            if run.result.status != 0 { deaths += 1 }
            try lab.check(run.acknowledged, "fdatasync \(edge)")
        }
        #expect(deaths >= KeptLab.commits)
    }

    @Test(arguments: [4, 5, 9, 14, 21, 30, 37, 42, 46, 50])
    func `after a failed fdatasync nothing is acknowledged any more`(edge: Int) throws {
        let lab = try KeptLab()
        let run = try lab.writeAll("fdatasync:error=EIO:when=\(edge)", keepsGoing: true)
        #expect(run.result.status == 1)
        let last = try #require(run.acknowledged.last)
        #expect(run.acknowledged.count < KeptLab.commits)
        #expect(last == "k\(run.acknowledged.count)")
        try lab.check(run.acknowledged, "EIO at \(edge)")
    }

    /// The write of a COMMIT finds no room, and so does the making of a segment after it; then
    /// there is room again.
    @Test(arguments: [4, 5, 9, 14, 21, 30, 37, 42, 45])
    func `a disk full for a while refuses writes, and takes them when it has room`(
        edge: Int
    ) throws {
        let lab = try KeptLab()
        try lab.make()
        let injection = "pwrite64:error=ENOSPC:when=\(edge)..\(edge + 1)"
        let run = try lab.writeAll(injection, keepsGoing: true)
        #expect(run.result.status == 1)
        let told = try run.result.lines.map(Told.init)
        #expect(told.count == KeptLab.commits)
        let unknown = told.indices.filter { told[$0].isUnknown }.map { "k\($0 + 1)" }
        let refused = told.count { $0.isRefusal }
        // The injection counts for each thread, and the loop does some of the disk's jobs: so it
        // may strike twice.
        #expect((1...2).contains(unknown.count) && (1...6).contains(refused))
        #expect(run.acknowledged.count + unknown.count + refused == KeptLab.commits)
        // The writes nobody knew of were made good when there was room.
        try lab.check(run.acknowledged + unknown, "ENOSPC at \(edge)")
    }
}
