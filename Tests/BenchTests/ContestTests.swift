import Testing

@testable import Bench

struct ContestTests {
    private func contest(_ interruption: Interruption = Interruption()) -> Contest {
        Contest(roundCount: 3, duration: .seconds(3), interruption: interruption) { _ in }
    }

    @Test func `contestants take turns, and the round to warm up does not count`() throws {
        var turns: [String] = []
        func contestant(_ name: String) -> Contestant {
            Contestant(name) { _ in
                turns.append(name)
                return Pace(count: turns.count, elapsed: .seconds(1))
            }
        }
        let standings = try contest().run([contestant("a"), contestant("b")])
        #expect(turns == ["a", "b", "a", "b", "a", "b", "a", "b"])
        #expect(standings.map(\.name) == ["a", "b"])
        #expect(standings[0].rounds.map(\.count) == [3, 5, 7])
    }

    @Test func `each round has its share of the time`() throws {
        var shares: [Duration] = []
        let contestant = Contestant("a") { share in
            shares.append(share)
            return Pace(count: 1, elapsed: share)
        }
        _ = try contest().run([contestant])
        #expect(shares.dropFirst() == [.seconds(1), .seconds(1), .seconds(1)])
    }

    @Test func `an interruption ends it before the next turn`() {
        let interruption = Interruption()
        var turns = 0
        let contestant = Contestant("a") { _ in
            turns += 1
            interruption.raise()
            return Pace(count: 1, elapsed: .seconds(1))
        }
        #expect(throws: BenchFailure.interrupted) { try contest(interruption).run([contestant]) }
        #expect(turns == 1)
    }
}
