import LabClock
import Testing

@testable import Cluster

/// How far a replica has been behind, told as a story: from then on so much is missing.
struct LagHistoryTests {
    private func at(_ milliseconds: Int64) -> LabInstant {
        LabInstant(nanoseconds: milliseconds * 1_000_000)
    }

    private func history(_ story: [(milliseconds: Int64, missing: Int, made: Int)]) -> LagHistory {
        var history = LagHistory(missing: 0, made: 0, at: at(0))
        for part in story {
            history.note(missing: part.missing, made: part.made, at: at(part.milliseconds))
        }
        return history
    }

    @Test func `where no time has passed there is no trend`() {
        #expect(history([(0, 100, 100)]).trend(at: at(0)) == nil)
    }

    @Test func `steps of a second are a straight line`() throws {
        // 1000 bytes a second are made in steps of 10 ms, and 400 replayed.
        let story = (0..<1000).map { (Int64($0) * 10, $0 * 6, $0 * 10) }
        let trend = try #require(history(story).trend(at: at(10_000)))
        #expect(trend.over == .seconds(10))
        #expect(abs(trend.made - 1000) < 1)
        #expect(abs(trend.growth - 600) < 1)
        #expect(abs(trend.replayed - 400) < 1)
    }

    @Test func `how often anybody looks does not matter`() throws {
        var often = LagHistory(missing: 0, made: 0, at: at(0))
        var rarely = often
        for step in 0..<100 as Range<Int64> {
            for look in 0..<10 as Range<Int64> {
                often.note(missing: Int(step) * 7, made: 0, at: at(step * 10 + look))
            }
            rarely.note(missing: Int(step) * 7, made: 0, at: at(step * 10))
        }
        let (first, second) = (often.trend(at: at(1000)), rarely.trend(at: at(1000)))
        #expect(abs(try #require(first).growth - (try #require(second)).growth) < 1e-6)
        #expect(often.highest(at: at(1000)) == rarely.highest(at: at(1000)))
    }

    @Test func `what comes and goes within an instant was never there`() {
        let seen = history([(500, 900, 900), (500, 0, 900)])
        #expect(seen.highest(at: at(900)).allSatisfy { $0 == 0 })
        #expect(seen.trend(at: at(900))?.growth == 0)
    }

    @Test func `a change begins a stretch of its own, once time goes on`() throws {
        var seen = history((0..<10).map { (Int64($0) * 100, $0 * 100, $0 * 100) })
        seen.turn(at: at(1000))
        // Until then the last one is what there is to tell.
        #expect(try #require(seen.trend(at: at(1000))).growth > 900)
        for step in 0..<10 {
            seen.note(missing: 900 - step * 50, made: 900, at: at(1000 + Int64(step) * 100))
        }
        let trend = try #require(seen.trend(at: at(2000)))
        #expect(trend.over == .seconds(1))
        #expect(abs(trend.growth + 500) < 10 && trend.made == 0)
    }

    @Test func `the highest of each second is remembered, and twenty of them`() {
        let seen = history([(1200, 5, 5), (1700, 9, 9), (2000, 3, 9), (2500, 0, 9)])
        #expect(seen.highest(at: at(3100)).suffix(4) == [0, 9, 3, 0])
        #expect(seen.highest(at: at(2999)).suffix(3) == [0, 9, 3])
        #expect(seen.highest(at: at(3_600_000)) == Array(repeating: 0, count: 20))
        let kept = history([(1000, 7, 7)])
        #expect(kept.highest(at: at(3_600_000)) == Array(repeating: 7, count: 20))
    }
}
