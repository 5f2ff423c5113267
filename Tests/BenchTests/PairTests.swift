import CommandLanguage
import Testing

@testable import Bench

struct PairTests {
    @Test func `a percentile is the shortest time that so many in a hundred did not exceed`() {
        var delays = Delays()
        #expect(delays.percentile(50) == .zero)
        for number in (1...200).reversed() { delays.append(.microseconds(number)) }
        #expect(delays.percentile(50) == .microseconds(100))
        #expect(delays.percentile(99) == .microseconds(198))
        #expect(delays.percentile(100) == .microseconds(200))
        #expect(delays.percentile(0) == .microseconds(1))
    }

    @Test func `a replica is waited for in proportion to the rows`() {
        #expect(RowShipping.patience(rows: 1_000) == .seconds(31))
        #expect(RowShipping.patience(rows: 1_000_000) == .seconds(1_030))
    }

    private typealias Name = ShipFindings.Name

    private func standing(_ name: String, _ count: Int) -> Standing {
        Standing(name, rounds: [Pace(count: count, elapsed: .seconds(1))])
    }

    private func findings(excuse: String?) -> ShipFindings {
        ShipFindings(
            byteCount: 1 << 20, streams: [],
            delays: [
                standing(Name.seen(Name.lab), 4_000),
                standing(Name.seen(Name.keyedPostgres), 2_000),
            ],
            records: [
                standing(Name.rows(Name.lab), 300), standing(Name.rows(Name.postgres), 200),
                standing(Name.rows(Name.keyedPostgres), 100),
            ], excuse: excuse, hasChapter: false)
    }

    @Test func `the ratio of two delays is not that of the rates`() {
        let lines = findings(excuse: nil).reply.lines
        #expect(lines.contains { $0.contains("confirmed -> seen, median") && $0.contains("0.50") })
        #expect(lines.contains { $0.contains("rows to a replica") && $0.contains("MISSED") })
    }

    @Test func `without PostgreSQL one line says so, and no ratio is made up`() {
        let lines = findings(excuse: "Without PostgreSQL: none.").reply.lines
        #expect(lines.contains("Without PostgreSQL: none."))
        #expect(!lines.contains { $0.contains("lab / PostgreSQL") })
    }
}
