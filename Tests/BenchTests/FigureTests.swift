import CommandLanguage
import JSON
import Testing

@testable import Bench

struct FigureTests {
    private func standing(_ counts: [Int]) -> Standing {
        Standing("x", rounds: counts.map { Pace(count: $0, elapsed: .seconds(1)) })
    }

    @Test func `the median is the middle one, or the mean of the middle two`() {
        #expect([3.0, 1, 2].median == 2)
        #expect([4.0, 1, 3, 2].median == 2.5)
        #expect([7.0].median == 7)
        #expect([Double]().median == nil)
    }

    @Test func `a pace is work by the second`() {
        #expect(Pace(count: 300, elapsed: .milliseconds(1_500)).perSecond == 200)
        #expect(Pace(count: 3, elapsed: .zero).perSecond == 0)
    }

    @Test func `one disturbed round does not move a standing`() {
        let calm = standing([100, 101, 99])
        let disturbed = standing([100, 101, 1])
        #expect(calm.perSecond == 100)
        #expect(disturbed.perSecond == 100)
        #expect(disturbed.lowest == 1)
        #expect(disturbed.highest == 101)
        #expect(calm.microsecondsEach == 10_000)
    }

    @Test func `a standing without rounds is nothing`() {
        #expect(standing([]).perSecond == 0)
        #expect(standing([]).microsecondsEach == 0)
    }

    @Test func `a ratio meets its target or misses it`() {
        #expect(Comparison("a", 13, over: 10, target: .atMost(1.3)).isMet == true)
        #expect(Comparison("a", 14, over: 10, target: .atMost(1.3)).isMet == false)
        #expect(Comparison("a", 80, over: 10, target: .atLeast(8)).isMet == true)
        #expect(Comparison("a", 79, over: 10, target: .atLeast(8)).isMet == false)
    }

    @Test func `without a base there is no ratio, and without a target nothing to meet`() {
        let baseless = Comparison("a", 1, over: 0, target: .atMost(2))
        #expect(baseless.ratio == nil)
        #expect(baseless.isMet == nil)
        #expect(Comparison("a", 1, over: 2).isMet == nil)
    }

    @Test func `numbers are rounded half away from zero, and printed plainly`() {
        #expect(1.005.rounded(places: 1) == "1.0")
        #expect(1.25.rounded(places: 1) == "1.3")
        #expect(0.04.rounded(places: 2) == "0.04")
        #expect((-0.5).rounded(places: 1) == "-0.5")
        #expect(12.0.rounded(places: 0) == "12")
        #expect(Double.infinity.rounded(places: 2) == "-")
        #expect(1.5.json(places: 3).encoded == "1.5")
        #expect(Double.nan.json(places: 3) == .null)
        #expect(1_048_576.grouped == "1,048,576")
        #expect((-999).grouped == "-999")
    }
}
