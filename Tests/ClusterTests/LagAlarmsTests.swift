import LabClock
import Testing

@testable import Cluster

/// Alarms, as a dialogue: how far the replicas are at an instant, and what is new.
struct LagAlarmsTests {
    private var alarms = LagAlarms()

    private static func at(_ seconds: Int64) -> LabInstant {
        LabInstant.start.advanced(by: .seconds(seconds))
    }

    /// What is new of r1, whose oldest missing commit was made then.
    private mutating func look(
        since: Int64?, bytes: Int = 0, now: Int64
    ) -> [LagAlarms.News] {
        let reading = LagAlarms.Reading(since: since.map(Self.at), byteCount: bytes)
        return alarms.look(at: ["r1": reading], now: Self.at(now)).map(\.news)
    }

    @Test mutating func `an alarm is raised once, at its instant, and is over once`() {
        #expect(look(since: 5, now: 14) == [])
        #expect(alarms.nextDue(["r1": .init(since: Self.at(5), byteCount: 1)]) == Self.at(15))
        #expect(look(since: 5, now: 15) == [.raised(.time(.seconds(10)))])
        #expect(look(since: 5, now: 60) == [])
        #expect(alarms.nextDue(["r1": .init(since: Self.at(5), byteCount: 1)]) == nil)
        #expect(look(since: 55, now: 60) == [.over])
        #expect(look(since: 55, now: 65) == [.raised(.time(.seconds(10)))])
    }

    @Test mutating func `idle time is no lag`() {
        #expect(look(since: nil, now: 100_000) == [])
        #expect(alarms.nextDue(["r1": .init(since: nil, byteCount: 0)]) == nil)
    }

    @Test mutating func `bytes raise one, too, and it is over below both limits`() {
        alarms.limits.byteCount = 1_000
        #expect(look(since: 0, bytes: 999, now: 1) == [])
        #expect(look(since: 0, bytes: 1_000, now: 1) == [.raised(.bytes(1_000))])
        #expect(look(since: 0, bytes: 10, now: 11) == [], "old by now: it goes on")
        #expect(look(since: nil, bytes: 0, now: 12) == [.over])
    }

    @Test mutating func `a limit of zero is none`() {
        alarms.limits.time = .zero
        alarms.limits.byteCount = 0
        #expect(look(since: 0, bytes: .max, now: 1_000_000) == [])
        #expect(alarms.nextDue(["r1": .init(since: Self.at(0), byteCount: 1)]) == nil)
    }

    @Test mutating func `a replica that goes away takes its alarm with it`() {
        #expect(look(since: 0, now: 10) == [.raised(.time(.seconds(10)))])
        #expect(alarms.look(at: [:], now: Self.at(11)).isEmpty)
        #expect(look(since: 0, now: 12) == [.raised(.time(.seconds(10)))])
    }

    @Test mutating func `news come in the order of the names`() {
        let late = LagAlarms.Reading(since: Self.at(0), byteCount: 0)
        let news = alarms.look(at: ["r2": late, "r1": late, "r3": late], now: Self.at(20))
        #expect(news.map(\.name) == ["r1", "r2", "r3"])
    }
}
