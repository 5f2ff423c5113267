import Replication
import Testing
import WALFormat

/// Three checks, one a second: what the detector asks for, and when it says what.
struct FailureDetectorTests {
    private var detector = FailureDetector(
        FailureDetector.Terms(interval: .seconds(1), misses: 3, timeout: .seconds(1)),
        at: PostgresTime(microseconds: 0))

    private static func at(_ milliseconds: Int64) -> PostgresTime {
        PostgresTime(microseconds: milliseconds * 1_000)
    }

    /// Lets time pass, from one instant at which something is due to the next. The server answers
    /// what it is asked at once; in a pause, at its end.
    private mutating func pass(
        to end: Int64, pausing pause: Range<Int64>
    ) -> [(at: Int64, action: FailureDetector.Action)] {
        var said: [(at: Int64, action: FailureDetector.Action)] = []
        var unanswered: Int?
        while detector.due <= Self.at(end) {
            if let number = unanswered, Self.at(pause.upperBound) < detector.due {
                unanswered = nil
                said += detector.answered(number, at: Self.at(pause.upperBound))
                    .map { (pause.upperBound, $0) }
                continue
            }
            let now = detector.due
            let milliseconds = now.microseconds / 1_000
            for action in detector.passed(to: now) {
                switch action {
                case .ask(let number) where pause.contains(milliseconds): unanswered = number
                case .ask(let number):
                    said += detector.answered(number, at: now).map { (milliseconds, $0) }
                case .giveUp: unanswered = nil
                case .declareDead, .declareAlive: said.append((milliseconds, action))
                }
            }
        }
        return said
    }

    @Test mutating func `an answered check is followed by the next, an interval later`() {
        #expect(detector.passed(to: Self.at(0)) == [.ask(1)])
        #expect(detector.due == Self.at(1000))
        #expect(detector.answered(1, at: Self.at(30)) == [])
        #expect(detector.passed(to: Self.at(999)) == [])
        #expect(detector.passed(to: Self.at(1000)) == [.ask(2)])
    }

    @Test mutating func `a check without an answer is missed when its time is up`() {
        _ = detector.passed(to: Self.at(0))
        #expect(detector.passed(to: Self.at(1000)) == [.giveUp(1), .ask(2)])
        #expect(detector.missed == 1)
        #expect(detector.answered(1, at: Self.at(1100)) == [])
        #expect(detector.answered(2, at: Self.at(1200)) == [])
        #expect(detector.missed == 0)
        #expect(detector.lastAnswer == Self.at(1200))
    }

    @Test(arguments: [1, 250, 500, 999] as [Int64])
    func `a server is declared dead 3 to 4 s after it died, by the phase`(_ phase: Int64) {
        var machine = self
        let died = 5_000 + phase
        let said = machine.pass(to: 30_000, pausing: died..<1_000_000)
        #expect(said.map(\.action) == [.declareDead(missed: 3, silence: .seconds(4))])
        #expect((3_000...4_000).contains(said[0].at - died))
        #expect(machine.detector.verdict == .dead(since: Self.at(9_000)))
    }

    @Test(arguments: [0, 1, 500, 999] as [Int64])
    func `a pause of 2_9 s is never death`(_ phase: Int64) {
        var machine = self
        let from = 5_000 + phase
        #expect(machine.pass(to: 30_000, pausing: from..<from + 2_900).isEmpty)
        #expect(machine.detector.missed == 0)
    }

    @Test mutating func `a pause of 3_1 s that begins just before a check is, and ends`() {
        let said = pass(to: 12_000, pausing: 4_950..<8_050)
        #expect(said.map(\.at) == [8_000, 8_050])
        #expect(
            said.map(\.action) == [
                .declareDead(missed: 3, silence: .seconds(4)),
                .declareAlive(silence: .milliseconds(4_050)),
            ])
    }

    @Test mutating func `who was declared dead is asked on, and may answer again`() {
        _ = pass(to: 4_000, pausing: 1..<7_000)
        #expect(detector.verdict == .dead(since: Self.at(4_000)))
        let said = pass(to: 9_000, pausing: 1..<7_000)
        #expect(said.map(\.at) == [7_000])
        #expect(said.map(\.action) == [.declareAlive(silence: .seconds(7))])
        #expect(detector.missed == 0)
    }

    @Test mutating func `checks that were left out are not made up for, and keep step`() {
        _ = detector.passed(to: Self.at(0))
        _ = detector.answered(1, at: Self.at(0))
        #expect(detector.passed(to: Self.at(7_300)) == [])
        #expect(detector.due == Self.at(8_000))
        detector.leftOut(checks: 100)
        #expect(detector.due == Self.at(108_000))
        #expect(detector.lastAnswer == Self.at(100_000))
    }

    @Test mutating func `at rest it waits for no check, and then goes on in step`() {
        _ = detector.passed(to: Self.at(0))
        #expect(detector.rest() == [.giveUp(1)])
        #expect(detector.rest() == [])
        #expect(detector.answered(1, at: Self.at(500)) == [])
        #expect(detector.passed(to: Self.at(86_400_700)) == [])
        #expect(detector.passed(to: Self.at(86_401_000)) == [.ask(2)])
        #expect(detector.missed == 0)
    }

    @Test func `a short time-out finds out sooner`() {
        var quick = self
        quick.detector = FailureDetector(
            FailureDetector.Terms(
                interval: .seconds(1), misses: 3, timeout: .milliseconds(300)), at: Self.at(0))
        let said = quick.pass(to: 30_000, pausing: 5_500..<1_000_000)
        #expect(said.map(\.at) == [8_300])
        #expect(
            said.map(\.action) == [.declareDead(missed: 3, silence: .milliseconds(3_300))])
    }
}
